"""The rivals' ASGI applications: streams on asyncio, pages in a pool of one thread.

The streams do what those of the shop do while nothing changes: heartbeats, and one
query a look for all orders of the process.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from a2wsgi import WSGIMiddleware
from asgiref.sync import sync_to_async
from django.db import close_old_connections

from shop.local.streams import BEATS_EVERY, LOOKED_EVERY
from shop.wsgi import application

# Imported here, because the models are ready only now.
from checkout.status.changes import marks_of  # isort: skip
from orders.models import Order  # isort: skip

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

pages: Any = WSGIMiddleware(application, workers=1)
watched: dict[asyncio.Task[Any], int] = {}
looking: set[asyncio.Task[None]] = set()


async def shop(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    is_stream = scope["type"] == "http" and scope["path"].endswith("/stream/")
    await (streams if is_stream else pages)(scope, receive, send)


async def streams(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    uid = scope["path"].split("/")[2]
    order = await Order.objects.aget(uid=uid)
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    me = asyncio.current_task()
    if me is None:
        return
    watched[me] = order.pk
    if not looking:
        looking.add(asyncio.create_task(look()))
    gone = asyncio.create_task(wait_until_gone(receive))
    try:
        while not gone.done():
            body = b": waiting\n\n"
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await asyncio.wait([gone], timeout=BEATS_EVERY)
    finally:
        del watched[me]


async def wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def look() -> None:
    while True:
        await sync_to_async(read_marks)(set(watched.values()))
        await asyncio.sleep(LOOKED_EVERY)


def read_marks(orders: set[int]) -> None:
    close_old_connections()
    marks_of(orders)
