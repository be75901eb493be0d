"""Many customers at once for minutes: is memory flat, and how long do pages take?"""

import time
from dataclasses import asdict, dataclass, field
from statistics import mean

from django.db import connections

from orders.models import Order
from saga.models import Saga, State
from tests.cluster import gauges
from tests.cluster.blows import Scene
from tests.cluster.crowd import Book, Crowd, part
from tests.cluster.gauges import Gauge
from tests.cluster.phases import PATIENCE
from tests.cluster.plan import BY_NAME
from tests.support.catalogue import stock_up
from tests.support.waiting import wait_until

CUSTOMERS = 500
READING = 60.0  # seconds for one page; between 30 and 90
STOCK = 100_000
EVERY = 10.0  # seconds between two looks at the memory
# Until then processes still load what their first pages need.
WARM = 0.25  # of the time
GROWTH = 0.05  # of the memory after that, from its first third to its last


@dataclass
class Soak:
    """The figures of a soak. Seconds, MB, and milliseconds of processor an order."""

    customers: int
    minutes: float
    orders: int = 0
    answers: int = 0
    median: float = 0.0
    page: float = 0.0  # 95 of 100 answers came within
    slowest: float = 0.0
    order: float = 0.0  # 95 of 100 orders ended within, from placing
    memory_first: float = 0.0
    memory_last: float = 0.0
    memory_by_role: dict[str, float] = field(default_factory=dict)
    processor_by_role: dict[str, float] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    gave_up: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """Return by which part the memory grew."""
        return self.memory_last / self.memory_first - 1 if self.memory_first else 0.0

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def soak(scene: Scene, minutes: float, customers: int) -> Soak:
    """Let the customers buy for so many minutes, then wait for the ends and count."""
    skus = [stock_up(STOCK, name=f"SOAK{number}") for number in range(20)]
    first = Saga.objects.count()
    connections.close_all()
    crowd = Crowd(
        scene.shop, skus, customers, pause=READING, between=READING, most=100_000
    )
    looks = []
    before = gauges.read(scene.machines)
    with crowd.buying() as book:
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            time.sleep(min(EVERY, max(0.1, end - time.monotonic())))
            looks.append(gauges.read(scene.machines))
    wait_until(
        lambda: not Saga.objects.live().exists(),
        "all orders of the soak ended",
        seconds=PATIENCE,
        pause=1,
    )
    after = gauges.read(scene.machines)
    result = Soak(customers, minutes)
    result.orders = Saga.objects.main_paths().count() - first
    _read_book(result, book)
    _read_looks(result, looks)
    result.memory_by_role = by_role({name: g.memory for name, g in after.items()})
    spent = {name: after[name].processor - before[name].processor for name in after}
    each = 1000 / max(1, result.orders)
    result.processor_by_role = {
        role: seconds * each for role, seconds in by_role(spent).items()
    }
    if result.growth > GROWTH:
        result.findings.append(f"memory grew by {result.growth:.1%}")
    return result


def _read_book(result: Soak, book: Book) -> None:
    result.answers = len(book.seconds)
    result.median, result.page = book.part(0.5), book.part(0.95)
    result.slowest = max(book.seconds, default=0.0)
    result.order = part(seconds_of_orders(), 0.95)
    result.failures, result.gave_up = dict(book.failures), book.gave_up
    known = set(Order.objects.values_list("uid", flat=True))
    lost = [uid for uid in book.shown if uid not in known]
    result.findings += [f"{uid} was shown, and is not there" for uid in lost]


def seconds_of_orders() -> list[float]:
    """Return how long each order took that was completed in the last hour."""
    rows = Saga.objects.main_paths().filter(state=State.DONE).order_by("-pk")
    times = rows.values_list("created_at", "finished_at")[:5_000]
    return [(end - begin).total_seconds() for begin, end in times if end]


def _read_looks(result: Soak, looks: list[dict[str, Gauge]]) -> None:
    totals = [sum(gauge.memory for gauge in look.values()) for look in looks]
    warm = totals[int(len(totals) * WARM) :]
    third = max(1, len(warm) // 3)
    if warm:
        result.memory_first = mean(warm[:third])
        result.memory_last = mean(warm[-third:])


def by_role(values: dict[str, float]) -> dict[str, float]:
    """Add up the hosts of a role."""
    found: dict[str, float] = {}
    for name, value in values.items():
        role = str(BY_NAME[name].role)
        found[role] = found.get(role, 0.0) + value
    return found
