"""The calls of the shop: verified, done, answered; or spoilt by a fault."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandboxes.warehouse import faults, orders
from sandboxes.warehouse.signature import SignatureRefused, verify
from sandboxes.warehouse.store import Object, Store, read

_PAGE = 50


@dataclass(frozen=True)
class Settings:
    """Secrets of both directions, where reports go, seconds of one step of work."""

    secret: str
    report_secret: str
    report_url: str
    pace: float


@dataclass(frozen=True)
class Reply:
    """What is answered; ``cut`` closes the connection instead."""

    status: int
    body: Object
    cut: bool = False


def answer(
    store: Store, settings: Settings, headers: Mapping[str, str], body: bytes
) -> Reply:
    """Do one call. The same message twice has the first one's answer."""
    try:
        message_id = verify(settings.secret, headers, body, time.time())
    except SignatureRefused as error:
        return _error(401, error.code)
    if faults.is_silent(store):
        return Reply(0, {}, cut=True)
    try:
        message = json.loads(body)
        call, data = message["type"], message["data"]
    except (ValueError, KeyError, TypeError):
        return _error(400, "unreadable")
    fault = faults.take(store, faults.CALLS, str(data.get("shipment", "")), call)
    if fault and fault["kind"] == "error":
        return _error(500, "out_of_order")
    with store.transaction():
        reply = _once(store, settings, message_id, call, data)
    if fault and fault["kind"] == "slow_answer":
        time.sleep(fault["seconds"])
    return Reply(0, {}, cut=True) if fault and fault["kind"] == "lost_answer" else reply


def _once(
    store: Store, settings: Settings, message_id: str, call: str, data: Object
) -> Reply:
    known = store.rows("SELECT * FROM calls WHERE id = ?", (message_id,))
    if known:
        return Reply(known[0]["status"], json.loads(known[0]["answer"]))
    try:
        reply = _do(store, settings, call, data)
    except (KeyError, TypeError, ValueError):
        reply = _error(422, "unreadable")
    store.run(
        "INSERT INTO calls (id, status, answer) VALUES (?, ?, ?)",
        (message_id, reply.status, json.dumps(reply.body)),
    )
    return reply


def _do(store: Store, settings: Settings, call: str, data: Object) -> Reply:
    if call == "shipments.list":
        return Reply(200, _list(store, data))
    if call == "shipment.request":
        return Reply(200, orders.status(orders.request(store, data, settings.pace)))
    order = store.order(data["shipment"])
    if order is None:
        return _error(404, "unknown_shipment")
    return _do_with(store, order, call, data)


def _do_with(store: Store, order: Object, call: str, data: Object) -> Reply:
    if call == "shipment.status":
        return Reply(200, orders.status(order))
    if call == "shipment.cancel":
        return Reply(200, {"answer": orders.cancel(store, order)})
    if call == "shipment.cancel_rest":
        return Reply(200, {"answer": orders.cancel_rest(store, order)})
    if call == "shipment.change_recipient":
        given = orders.change_recipient(store, order, data)
        return Reply(200, {"answer": given})
    return _error(422, "unknown_call")


def _list(store: Store, data: Object) -> Object:
    """Return a page of the orders, newest first. ``after`` is the last one's row."""
    since = datetime.fromisoformat(data["since"]).timestamp()
    after = int(data["after"] or 2**62)
    rows = store.rows(
        "SELECT rowid, * FROM orders WHERE changed_at >= ? AND rowid < ?"
        " ORDER BY rowid DESC LIMIT ?",
        (since, after, _PAGE + 1),
    )
    page = rows[:_PAGE]
    following = str(page[-1]["rowid"]) if len(rows) > _PAGE else None
    return {"shipments": [orders.status(read(row)) for row in page], "next": following}


def _error(status: int, code: str) -> Reply:
    body: dict[str, Any] = {"error": {"code": code, "message": code}}
    return Reply(status, body)
