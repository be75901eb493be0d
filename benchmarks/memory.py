"""Measure the memory of the whole shop as ``make up`` runs it: part of ``make bench``.

It is the proportional set size (PSS) of all processes, in which memory that several of
them share counts once. It is read after every kind of page was shown and orders went
through, because processes grow until then.
"""

import os
import tempfile
from pathlib import Path

import requests

from benchmarks.report import Row, show

ORDERS = 20
ROUNDS = 10
PAGES = ("/", "/p/mug/", "/search/?q=mug", "/cart/", "/account/sign-in/", "/readyz")
BAR_MB = 450.0


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("DATABASE_URL", None)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "DATA_DIR": folder,
            "ENV_FILE": os.devnull,
        }
        import django  # noqa: PLC0415 (the environment has to be set first)

        django.setup()
        # These modules read the environment.
        from tests.support.catalogue import stock_up  # noqa: PLC0415
        from tests.support.customer import Customer  # noqa: PLC0415
        from tests.support.live import live_stack  # noqa: PLC0415

        with live_stack(Path(folder)) as stack, stack.as_database():
            sku = stock_up(ORDERS)
            for _round in range(ROUNDS):
                for page in PAGES:
                    requests.get(stack.url + page, timeout=30)
            for _order in range(ORDERS):
                Customer(stack).buy({sku: 1})
            megabytes = {
                name: pss_mb(stack.pids(name))
                for name, service in stack.services().items()
                if service["pid"]
            }
            supervisor = stack.process.pid
            megabytes["supervisor"] = pss_mb([supervisor])
            services = [service["pid"] for service in stack.services().values()]
            others = [pid for pid in children(supervisor) if pid not in services]
            megabytes["watchdog"] = pss_mb(others)
    total = sum(megabytes.values())
    rows = [Row(f"memory of {name}", used, "MB") for name, used in megabytes.items()]
    return [*rows, Row("memory of the whole shop", total, "MB", at_most=BAR_MB)]


def children(parent: int) -> list[int]:
    """Return the processes that this one has started."""
    tasks = Path(f"/proc/{parent}/task").iterdir()
    found = [task.joinpath("children").read_text().split() for task in tasks]
    return [int(pid) for pids in found for pid in pids]


def pss_mb(processes: list[int]) -> float:
    """Return the memory of these processes; what they share is counted once."""
    kilobytes = 0
    for process in processes:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kilobytes += int(line.split()[1])
    return kilobytes / 1024


if __name__ == "__main__":
    show(measure())
