"""Orders per second when the provider takes its time: ``python -m benchmarks.waiting``.

It starts the shop as ``make up`` does, places orders at once, and counts until all are
done: with a sandbox that answers at once, and with one that takes 0.4 s for each call,
as the real provider does. It also says what memory the workers take.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import django

from benchmarks.report import Row, show
from tests.support.processes import group_members
from tests.support.variables import settings_variables
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from tests.support.live import LiveStack

COUNT = 40  # orders of one round
ROUNDS = 3
PROVIDER_SECONDS = 0.4  # for each call
PATIENCE = 120.0  # seconds for one round
# What tests change, as the shop has it by default.
DEFAULTS = {
    "SAGA_LEASE": "60",
    "STRIPE_TIMEOUT": "15",
    "SAGA_MESSAGE_GRACE": "5",
    "SAGA_RETRY_BASE": "1",
}
_ENOUGH = 1_000_000  # calls


def measure(count: int = COUNT, rounds: int = ROUNDS) -> list[Row]:
    """Return orders per second with a slow provider beside a fast one, and memory."""
    with running_shop() as shop:
        place(shop, count)  # connections, caches
        fast, slow, idle = [], [], []
        for _round in range(rounds):
            idle.append(place(shop, 1))
            fast.append(place(shop, count))
            with slow_provider(shop):
                slow.append(place(shop, count))
        memory = megabytes_of(shop, "worker")
    return [
        Row(
            f"orders, provider answers after {PROVIDER_SECONDS:g} s",
            round(median(slow), 1),
            "orders/s",
            beside="provider answers at once",
            value=round(median(fast), 1),
            at_least=0.9,
        ),
        Row("memory of all workers (PSS)", round(memory), "MB", at_most=200),
        Row("one order alone, placed to done", round(1000 / median(idle)), "ms"),
    ]


@contextmanager
def running_shop() -> Iterator["LiveStack"]:
    """Run ``manage.py up`` with the default settings, on a folder of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name in settings_variables():
            os.environ.pop(name, None)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "DATA_DIR": str(Path(folder) / "data"),
            "ENV_FILE": os.devnull,
        }
        django.setup()
        # Imported here, because it reads the settings.
        from tests.support.live import live_stack  # noqa: PLC0415

        with live_stack(Path(folder) / "data", **DEFAULTS) as shop, shop.as_database():
            _fill_the_shelves()
            yield shop


def _fill_the_shelves() -> None:
    from inventory.models import StockItem  # noqa: PLC0415
    from inventory.services import receive  # noqa: PLC0415

    for sku in StockItem.objects.values_list("sku", flat=True):
        receive(sku, _ENOUGH, f"bench-{sku}")


@contextmanager
def slow_provider(shop: "LiveStack") -> Iterator[None]:
    from tests.support.sandbox_control import clear_faults, plan_fault  # noqa: PLC0415

    plan_fault(shop, kind="delay", seconds=PROVIDER_SECONDS, times=_ENOUGH)
    yield
    clear_faults(shop)


def place(shop: "LiveStack", count: int) -> float:
    """Place so many orders at once. Return how many were done a second."""
    from django.db.models import Max, Min  # noqa: PLC0415

    from orders.models import Order  # noqa: PLC0415
    from saga.models import Saga, State  # noqa: PLC0415

    placed = [row["order"] for row in shop.manage_json("place_demo_orders", str(count))]
    sagas = Saga.objects.main_paths().filter(reference__in=placed)
    wait_until(
        lambda: sagas.filter(state=State.DONE).count() == count,
        "all orders are done",
        seconds=PATIENCE,
    )
    began = Order.objects.filter(number__in=placed).aggregate(at=Min("placed_at"))["at"]
    ended = sagas.aggregate(at=Max("finished_at"))["at"]
    seconds: float = (ended - began).total_seconds()
    return count / seconds


def megabytes_of(shop: "LiveStack", service: str) -> float:
    """Return the memory of a service's processes: PSS, so that shared counts once."""
    leader = shop.services()[service]["pid"]
    return sum(map(_megabytes, group_members(leader)))


def _megabytes(pid: int) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    show(measure(*map(int, sys.argv[1:])))
