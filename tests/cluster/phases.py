"""One fault: customers buy while it happens; then everything is counted."""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from statistics import median

from django.db import connections

from orders.models import Order
from saga.models import Saga
from tests.chaos.counts import ENDED, count_results, orders_with
from tests.cluster.blows import BLOWS, Scene
from tests.cluster.crowd import Book, Crowd
from tests.cluster.plan import Fault, Kind
from tests.cluster.watch import Watch
from tests.support.catalogue import stock_up
from tests.support.waiting import wait_until

CUSTOMERS = 5
LEAD = 4.0  # seconds of purchases before and after a fault
PATIENCE = 240.0  # seconds; longer than any lease, silence or pause of a retry
STOCK = 1_000
ARTICLES = 3
STAFF = "you@shop.example.com"  # of deploy/todoku.env.example


@dataclass
class Figures:
    """One line of the table. Seconds, except for the counts."""

    name: str
    orders: int = 0
    charges: int = 0
    doubles: int = 0
    lost: int = 0
    oversold: int = 0
    stuck: int = 0
    hit: int = 0  # orders that were under way while it was broken
    recovery: float = 0.0  # median, from the last blow to the end of such an order
    longest: float = 0.0
    slowest: float = 0.0  # from placing to the end, of all orders
    page: float = 0.0  # 95 of 100 answers came within
    seen: dict[str, float] = field(default_factory=dict)  # by monitoring, after
    failures: dict[str, int] = field(default_factory=dict)
    gave_up: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)  # mails to staff
    notes: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def carry_out(scene: Scene, fault: Fault) -> Figures:
    """Let customers buy while the fault happens, wait for all ends, and count."""
    skus = [stock_up(STOCK, name=f"A{number}") for number in range(ARTICLES)]
    connections.close_all()
    scene.notes.clear()
    mails = set(scene.shop.mail_dir.iterdir())
    crowd = Crowd(scene.shop, skus, CUSTOMERS)
    watch = Watch()
    with crowd.buying() as book:
        time.sleep(LEAD)
        with watch.watching():
            began = time.time()
            BLOWS[fault.kind](scene, fault)
        healed = time.time()
        # A connection that was cut off answers late or never.
        connections.close_all()
        time.sleep(LEAD)
    figures = Figures(fault.name, notes=list(scene.notes), seen=watch.seen)
    try:
        wait_until(lambda: not under_way(skus), "all orders", seconds=PATIENCE, pause=1)
    except AssertionError:
        figures.notes.append(f"orders still under way after {PATIENCE:.0f} s")
    fill_in_counts(figures, scene, skus, book)
    figures.alerts = alerts(set(scene.shop.mail_dir.iterdir()) - mails)
    if fault.kind is Kind.NOTHING:
        began = healed  # no order was hit
    fill_in_times(figures, orders_with(skus), began, healed)
    connections.close_all()
    return figures


def fill_in_counts(figures: Figures, scene: Scene, skus: list[str], book: Book) -> None:
    """Count the orders of these goods from all three sides, as make chaos does."""
    counts = count_results(scene.shop, skus, book.shown)
    figures.orders = len(orders_with(skus))
    figures.charges = counts.charges
    figures.doubles = counts.double_charges
    figures.lost = counts.lost_orders
    figures.oversold = counts.oversold
    figures.stuck = counts.stuck
    figures.findings = counts.findings
    figures.page = book.part(0.95)
    figures.failures = dict(book.failures)
    figures.gave_up = book.gave_up


def alerts(mails: Iterable[Path]) -> list[str]:
    """Return the subjects of those mails that are for staff."""
    found = []
    for file in mails:
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        if str(mail["To"]) == STAFF:
            found.append(str(mail["Subject"]))
    return sorted(found)


def under_way(skus: list[str]) -> bool:
    numbers = [order.number for order in orders_with(skus)]
    rows = Saga.objects.filter(reference__in=numbers)
    return rows.exclude(state__in=[*ENDED, "failed"]).exists()


def fill_in_times(
    figures: Figures, orders: list[Order], began: float, healed: float
) -> None:
    """Compute recovery as make chaos does: from the last blow to the order's end."""
    recovery, whole = [], [0.0]
    for order in orders:
        ends = Saga.objects.filter(reference=order.number).values_list(
            "finished_at", flat=True
        )
        if not ends or None in ends:
            continue
        end = max(moment.timestamp() for moment in ends if moment)
        placed = order.placed_at.timestamp()
        whole.append(end - placed)
        if placed < healed and end > began:
            blows = [blow for blow in (placed, began, healed) if blow < end]
            recovery.append(end - max(blows))
    figures.slowest = max(whole)
    figures.hit = len(recovery)
    if recovery:
        figures.recovery, figures.longest = median(recovery), max(recovery)
