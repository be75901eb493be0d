"""Measure the staff's list of orders with a million orders, on PostgreSQL.

``python -m benchmarks.staff_list [ORDERS]``; part of ``make bench``. It requests every
view of the list and prints the time of the whole page, from the middleware to the
template: the fastest request, which waited for no other process, and the median; and
the fastest time of its queries. The last line is JSON.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.processes import configure
from benchmarks.report import Row, is_short
from tests.support import postgres

REQUESTS = 31
ORDERS = 1_000_000
SHORT = 5_000
BAR_MS = 100.0
LIST = "/admin/backoffice/stalledorder/"
# Milliseconds of the page, fastest and median; of its queries; how many queries.
Cost = tuple[float, float, float, int]


def measure() -> list[Row]:
    """Return the slowest view, at its fastest request."""
    count = SHORT if is_short() else ORDERS
    costs = measure_views(count)
    slowest = max(costs, key=lambda name: costs[name][0])
    what = f"staff's list of {count:,} orders, slowest view ({slowest})"
    return [Row(what, costs[slowest][0], "ms", at_most=BAR_MS)]


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else ORDERS
    _report(count, measure_views(count))


def measure_views(count: int) -> dict[str, Cost]:
    """Return what each view costs with ``count`` orders."""
    with tempfile.TemporaryDirectory() as folder, postgres.own_server() as url:
        configure(Path(folder), url)
        # These modules read the environment.
        from django.contrib.auth.models import User  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415
        from django.test import Client  # noqa: PLC0415

        from orders.models import Order  # noqa: PLC0415
        from tests.support.million_orders import fill, views  # noqa: PLC0415

        fill(count, count)
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(User.objects.create_superuser("yuki"))
        order = Order.objects.order_by("pk")[count // 2]
        costs = {
            name: _cost(partial(client.get, LIST, asked))
            for name, asked in views(order).items()
        }
        connection.close()
    return costs


def _cost(request: Callable[[], object]) -> Cost:
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    request()
    pages = [_milliseconds(request) for _request in range(REQUESTS)]
    waits, count = [], 0
    for _request in range(REQUESTS):
        with CaptureQueriesContext(connection) as queries:
            request()
        count = len(queries)
        waits.append(1000 * sum(float(query["time"]) for query in queries))
    return min(pages), median(pages), min(waits), count


def _milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _report(count: int, costs: dict[str, Cost]) -> None:
    print(  # noqa: T201
        f"the list of {count:,} orders (bar: {BAR_MS:.0f} ms)\n"
        f"{'view':<24}{'fastest ms':>11}{'median':>8}{'its queries':>13}{'number':>8}"
    )
    for name, (page, middle, waited, number) in costs.items():
        row = f"{name:<24}{page:>11.1f}{middle:>8.1f}{waited:>13.1f}{number:>8}"
        print(row)  # noqa: T201
    figures = {name: round(page, 1) for name, (page, *_rest) in costs.items()}
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
