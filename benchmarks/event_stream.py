"""Events after a million of them: looking, delivering, and how late consumers are.

``python -m benchmarks.event_stream``; part of ``make bench``. On PostgreSQL: one look
of the router and of the deliveries when there is nothing to do, routing one order's
rows, and how many events a second two processes hand to a consumer that does nothing.
Then the shop as ``make up`` runs it takes orders, and its own tables say how long after
the change each consumer was done.
"""

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.processes import PROCESSES, configure
from benchmarks.report import Row, is_short, show
from benchmarks.waiting import place, running_shop
from tests.support import postgres
from tests.support.waiting import wait_until

EVENTS, FEW = 1_000_000, 20_000
DELIVERIES, FEW_DELIVERIES = 20_000, 2_000
LOOKS = 101
LOOK_MS = 10.0
A_SECOND = 1_000
ORDERS, FEW_ORDERS = 40, 5
LAG_SECONDS = 1.0
NOBODY = "nobody"

# Each subject has five events, as an order has; all were delivered to two consumers.
_FILL = """
INSERT INTO events_event
    (uid, type, subject, sequence, correlation, occurred_at, version, data)
SELECT gen_random_uuid(), 'order.confirmed', 'order/' || (n / 5), n %% 5 + 1,
    (n / 5)::text, now() - (%s - n) * interval '1 second', 1, '{}'
FROM generate_series(0, %s - 1) AS s(n)
"""
_DELIVER = """
INSERT INTO events_delivery
    (event_id, consumer, subject, state, attempts, fence, due_at, ended_at,
     error_class, error)
SELECT id, consumer, subject, 'done', 1, 1, occurred_at, occurred_at, '', ''
FROM events_event, (VALUES ('low-stock'), ('sales-statistics')) AS c(consumer)
"""
_WAITING = """
INSERT INTO events_delivery
    (event_id, consumer, subject, state, attempts, fence, due_at, error_class, error)
SELECT id, 'nobody', subject, 'waiting', 0, 0, now(), '', ''
FROM events_event ORDER BY id DESC LIMIT %s
"""


def measure() -> list[Row]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = stack.enter_context(postgres.own_server())
        # In a process of its own: the shop below has another database.
        process = stack.enter_context(_process())
        rows = process.submit(_grown, folder, str(url)).result()
    return [Row(**fields) for fields in (*rows, *_lag())]


def _grown(folder: str, url: str) -> list[dict[str, Any]]:
    configure(Path(folder), url)
    # These modules read the settings.
    from django.db import connection  # noqa: PLC0415

    from events.deliveries import deliver_due  # noqa: PLC0415
    from events.router import route_all  # noqa: PLC0415

    events = FEW if is_short() else EVENTS
    _fill(connection, events)
    looks = _median(lambda: (route_all(), deliver_due()))
    what = f"events, after {events:,}"
    rows: list[dict[str, Any]] = [
        {
            "what": f"{what}: router and deliveries look",
            "ours": looks,
            "unit": "ms",
            "at_most": LOOK_MS,
        },
    ]
    for in_order, bar in ((False, A_SECOND), (True, None)):
        number = FEW_DELIVERIES if is_short() else DELIVERIES
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM events_delivery WHERE consumer = 'nobody'")
            cursor.execute(_WAITING, [number])
            cursor.execute("ANALYZE events_delivery")
        connection.close()
        with ExitStack() as stack:
            pools = [stack.enter_context(_process()) for _each in range(PROCESSES)]
            ready = [pool.submit(_ready, folder, url) for pool in pools]
            for each in ready:
                each.result()
            begun = time.time()
            ends = [pool.submit(_deliver, in_order) for pool in pools]
            done = [each.result() for each in ends]
        seconds = max(end for _number, end in done) - begun
        assert sum(n for n, _end in done) == number  # noqa: S101
        rows.append(
            {
                "what": f"{what}: delivered to a consumer that does nothing"
                + (", in order" if in_order else ""),
                "ours": number / seconds,
                "unit": "events/s",
                "at_least": bar,
            }
        )
    return rows


def _process() -> ProcessPoolExecutor:
    """Return a process of its own, which may have processes of its own."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def _fill(connection: Any, events: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [events, events])
        cursor.execute(_DELIVER)
        cursor.execute("VACUUM ANALYZE events_event, events_delivery")


def _ready(folder: str, url: str) -> None:
    """Set a delivering process up."""
    configure(Path(folder), url)
    from events.deliveries import deliver_due  # noqa: PLC0415

    deliver_due()  # the imports, and the connection


def _deliver(in_order: bool) -> tuple[int, float]:
    """Deliver all. Return how many, and when that was done."""
    from events.consumers import Consumer, register_consumer  # noqa: PLC0415
    from events.deliveries import deliver_to  # noqa: PLC0415
    from events.models import Delivery  # noqa: PLC0415

    consumer = Consumer(NOBODY, ("order.*",), lambda _event: None, in_order=in_order)
    register_consumer(consumer)
    done = 0
    while True:
        delivered = deliver_to(consumer)
        done += delivered
        if delivered:
            continue
        if not Delivery.objects.waiting().filter(consumer=NOBODY).exists():
            return done, time.time()


def _lag() -> list[dict[str, Any]]:
    """Return how late consumers were while the shop took orders on its own database."""
    orders = FEW_ORDERS if is_short() else ORDERS
    with running_shop() as shop:
        place(shop, orders)
        from events.models import CapturedRow, Delivery  # noqa: PLC0415

        def is_quiet() -> bool:
            waiting = Delivery.objects.waiting().exists()
            return not waiting and not CapturedRow.objects.exists()

        wait_until(is_quiet, "all events are delivered")
        rows = Delivery.objects.filter(event__type__startswith="payment.")
        times = rows.values_list("event__occurred_at", "ended_at")
        late = [(ended - at) / timedelta(seconds=1) for at, ended in times if ended]
    return [
        {
            "what": f"events, {orders} orders at once: 95 of 100 deliveries within",
            "ours": quantiles(late, n=20)[-1],
            "unit": "s",
            "at_most": LAG_SECONDS,
        }
    ]


def _median(act: Callable[[], object]) -> float:
    times = []
    for _look in range(LOOKS):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1000)
    return median(times)


if __name__ == "__main__":
    show(measure())
