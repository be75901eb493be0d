"""Building the sales statistics of 100,000 orders anew.

``python -m benchmarks.sales_statistics``; part of ``make bench``. The orders are copies
of one that the shop's own code took, paid and sent. Their rows are collected as events,
which shows what that costs as well; then the statistics are dropped and built, and
compared with the accountant's export.
"""

import re
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.processes import broker, configure
from benchmarks.report import Row, is_short, show
from tests.support import postgres

ORDERS, FEW = 100_000, 2_000
SECONDS = 120.0
# What a build may take beside what the process had before it.
MEGABYTES = 64.0
PAGE_MS = 100.0


def measure() -> list[Row]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(postgres.own_server())
        # In a process of its own, whose memory is nothing but this.
        process = stack.enter_context(
            ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        )
        return [Row(**row) for row in process.submit(_built, folder, str(url)).result()]


def _built(folder: Path, url: str) -> list[dict[str, Any]]:
    configure(folder, url)
    # These modules read the settings.
    from benchmarks.grown_shops import GrownShops  # noqa: PLC0415

    orders = FEW if is_short() else ORDERS
    with broker(folder):
        shops = GrownShops((orders,), products=100)
    with shops.using(orders):
        rows = list(_measured(orders))
    shops.close()
    return rows


def _measured(orders: int) -> list[dict[str, Any]]:
    from checkout.statistics.build import build  # noqa: PLC0415
    from checkout.statistics.comparison import differences  # noqa: PLC0415
    from events.history import collect  # noqa: PLC0415
    from events.router import route_all  # noqa: PLC0415
    from events.types import all_sources  # noqa: PLC0415

    while route_all():
        pass
    (source,) = (each for each in all_sources() if each.name == "order")
    made, collecting = _timed(lambda: collect(source, _quiet))
    # Forgets the most that the process has had until now.
    Path("/proc/self/clear_refs").write_text("5")
    before = _megabytes("VmRSS")
    built, building = _timed(lambda: build(_quiet))
    grown = _megabytes("VmHWM") - before
    _read, page = _timed(_year)
    what = f"sales statistics of {orders:,} orders"
    return [
        {"what": f"{what}: events collected", "ours": made / collecting, "unit": "/s"},
        {
            "what": f"{what}: dropped and built of {built.events:,} events",
            "ours": building,
            "unit": "s",
            "at_most": SECONDS,
        },
        {
            "what": f"{what}: memory on top of the process",
            "ours": grown,
            "unit": "MB",
            "at_most": MEGABYTES,
        },
        {
            "what": f"{what}: figures that are not the accountant's",
            "ours": len(differences()),
            "unit": "",
            "at_least": 0,
            "at_most": 0,
        },
        {
            "what": f"{what}: a year by day, product and rate",
            "ours": page * 1000,
            "unit": "ms",
            "at_most": PAGE_MS,
        },
    ]


def _year() -> None:
    from datetime import timedelta  # noqa: PLC0415

    from django.utils import timezone  # noqa: PLC0415

    from checkout.accounting.period import Period  # noqa: PLC0415
    from checkout.statistics import selectors  # noqa: PLC0415

    today = timezone.localdate()
    year = Period(today - timedelta(days=365), today)
    selectors.by_day(year)
    selectors.by_product(year)
    selectors.by_rate(year)


def _quiet(_done: int) -> None:
    """Show no progress."""


def _timed(act: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    found = act()
    return found, time.perf_counter() - begun


def _megabytes(name: str) -> float:
    """Return the process's memory now (VmRSS), or the most it has had (VmHWM)."""
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    show(measure())
