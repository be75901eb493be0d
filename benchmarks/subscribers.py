"""From the commit to the client: subscriptions of orders, all open at once.

``python -m benchmarks.subscribers``: 1,000 subscriptions of ``orderStatus``, each of an
order and an address of its own, are kept by two web processes. Something happens to one
order after the other, 20 times a second, and each client notes when it hears of it.
"""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from benchmarks import serving
from benchmarks.report import Row, is_short, show

CHANGES = 60 if is_short() else 400
PER_SECOND = 20
SETTLES = 3.0  # seconds
PATIENCE = 30.0  # seconds, for the last ones to be heard
BAR_MS = 300.0  # 95 of 100
OPENED_AT_ONCE = 20
HOST = "127.0.0.1"
_FIRST = "198.18.0.0"  # RFC 2544: addresses for benchmarks
_DOCUMENT = """subscription ($uid: UUID!) {
  orderStatus(uid: $uid) { sequence steps { happening } progress { outcome } }
}"""


@dataclass
class Heard:
    """When each subscriber last heard of its order, and how often."""

    at: dict[str, float] = field(default_factory=dict)
    opened: int = 0


async def subscribe(
    port: int, number: int, uid: str, heard: Heard, gate: asyncio.Semaphore
) -> None:
    """Open a subscription, and note each message after its first."""
    body = json.dumps({"query": _DOCUMENT, "variables": {"uid": uid}})
    head = (
        f"POST /graphql/stream/ HTTP/1.1\r\nHost: {HOST}\r\n"
        f"X-Forwarded-For: {ip_address(_FIRST) + number}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    async with gate:
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write((head + body).encode())
        await reader.readuntil(b"event: next")
        heard.opened += 1
    try:
        while True:
            await reader.readuntil(b"event: next")
            heard.at[uid] = time.monotonic()
    except asyncio.IncompleteReadError:
        return
    finally:
        writer.close()


async def listen(port: int, orders: dict[str, int]) -> list[float]:
    """Return the seconds from each commit to its subscriber."""
    heard, gate = Heard(), asyncio.Semaphore(OPENED_AT_ONCE)
    open_ones = [
        asyncio.create_task(subscribe(port, number, uid, heard, gate))
        for number, uid in enumerate(orders)
    ]
    try:
        while heard.opened < len(orders):  # noqa: ASYNC110 (simple)
            await asyncio.sleep(0.1)
        await asyncio.sleep(SETTLES)
        return await _change(orders, heard)
    finally:
        for each in open_ones:
            each.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


async def _change(orders: dict[str, int], heard: Heard) -> list[float]:
    committed: dict[str, float] = {}
    for uid in random.sample(list(orders), min(CHANGES, len(orders))):
        committed[uid] = await asyncio.to_thread(happen, orders[uid])
        await asyncio.sleep(random.expovariate(PER_SECOND))
    deadline = time.monotonic() + PATIENCE
    while committed.keys() - heard.at.keys() and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    # Who has not heard counts with the patience.
    return [heard.at.get(uid, at + PATIENCE) - at for uid, at in committed.items()]


def happen(order: int) -> float:
    """Write an event of an order. Return when it was committed."""
    from orders.models import OrderEvent  # noqa: PLC0415 (Django is set up by then)
    from orders.transitions import record_event  # noqa: PLC0415

    record_event(order, OrderEvent.Name.CONFIRMATION_SENT, "benchmark")
    return time.monotonic()


def measure() -> list[Row]:
    """Return the rows. Takes about a minute."""
    with serving.prepared() as _streams:
        from orders.models import Order  # noqa: PLC0415

        newest = Order.objects.order_by("-pk").values_list("uid", "pk")[: serving.LIVE]
        orders = {str(uid): key for uid, key in newest}
        with serving.running(serving.CANDIDATES[0]) as ours:
            began = serving.cpu_seconds(ours.groups)
            times = sorted(asyncio.run(listen(ours.port, orders)))
            spent = serving.cpu_seconds(ours.groups) - began
    what = f"from the commit to one of {len(orders)} subscribers"
    rows: list[tuple[str, float, dict[str, Any]]] = [
        (f"{what}, median", times[len(times) // 2] * 1000, {}),
        (f"{what}, p95", times[int(len(times) * 0.95)] * 1000, {"at_most": BAR_MS}),
    ]
    found = [Row(name, figure, "ms", **bar) for name, figure, bar in rows]
    return [*found, Row("web processes meanwhile", spent, "s of processors")]


if __name__ == "__main__":
    show(measure())
