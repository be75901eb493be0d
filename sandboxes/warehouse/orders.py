"""What the warehouse does with an order: accept, pick, pack, ship, deliver.

Each change raises the order's sequence number and writes the report of it, in one
transaction with the change.
"""

import json
import secrets
from collections import Counter
from typing import Any

from sandboxes.warehouse import faults
from sandboxes.warehouse.store import Object, Store, read

# Where an order goes by itself, one step a pace.
_WAY = ("accept", "pick", "pack", "ship", "deliver")
_SHOWN = (
    *("shipment", "standing", "revision", "sequence", "reason"),
    *("short", "parcels"),
)
_HERE = ("received", "accepted", "rejected", "in_progress", "short", "cancelled")


def request(store: Store, data: Object, pace: float) -> Object:
    """Take an order; one that is known only counts, unless its revision is higher.

    One that was cancelled stays so: a request may have been overtaken.
    """
    known = store.order(data["shipment"])
    is_final = known and known["standing"] == "cancelled"
    if known and (is_final or known["revision"] >= data["revision"]):
        known["requests"] += 1
        store.run(
            "UPDATE orders SET requests = requests + 1 WHERE shipment = ?",
            (data["shipment"],),
        )
        return known
    order = known or {"sequence": 0, "parcels": [], "requests": 0}
    order |= {
        "shipment": data["shipment"],
        "asked": data,
        "standing": "received",
        "revision": data["revision"],
        "reason": "",
        "short": [],
        "next": _WAY[0],
        "due_at": store.now() + pace,
        "requests": order["requests"] + 1,
    }
    store.put(order)
    return order


def cancel(store: Store, order: Object) -> str:
    """Stop an order of which nothing has left. Return the answer to the shop."""
    if order["standing"] == "cancelled":
        return "accepted"
    if order["standing"] not in _HERE or order["parcels"]:
        return "refused"
    order |= {"next": "", "due_at": None}
    _change(store, order, "cancelled", "cancelled", reason="As the shop wished.")
    return "accepted"


def cancel_rest(store: Store, order: Object) -> str:
    """Send nothing more of an order. What has left is delivered all the same."""
    if order["standing"] == "cancelled":
        return "accepted"
    if order["standing"] not in _HERE:
        return "refused"
    if not order["parcels"]:
        return cancel(store, order)
    order |= {"next": "deliver", "due_at": store.now()}
    _change(store, order, "cancelled", "cancelled", reason="As the shop wished.")
    return "accepted"


def take_back(store: Store, order: Object, *, is_unfit: bool) -> list[Object]:
    """Report that all that was sent came back. Return the items of the report."""
    units: Counter[str] = Counter()
    for parcel in order["parcels"]:
        units += Counter({each["sku"]: each["quantity"] for each in parcel["items"]})
    items = [
        {
            "sku": sku,
            "restocked": 0 if is_unfit else count,
            "scrapped": count if is_unfit else 0,
        }
        for sku, count in sorted(units.items())
    ]
    _report(store, "return_arrived", {"shipment": order["shipment"], "items": items})
    return items


def change_recipient(store: Store, order: Object, data: Object) -> str:
    """Take another recipient or way of delivery while nothing has left."""
    if order["standing"] not in _HERE or order["parcels"]:
        return "refused"
    changed = {"recipient": data["recipient"], "delivery": data["delivery"]}
    order["asked"] = {**order["asked"], **changed}
    store.put(order)
    return "accepted"


def run_due(store: Store, pace: float) -> int:
    """Do the next step of every order that is due. Return how many."""
    now, done = store.now(), 0
    if not store.rows("SELECT 1 FROM orders WHERE due_at <= ? LIMIT 1", (now,)):
        return 0
    with store.transaction():
        rows = store.rows(
            "SELECT * FROM orders WHERE due_at <= ? ORDER BY due_at", (now,)
        )
        for row in rows:
            _ACTS[row["next"]](store, read(row), pace)
            done += 1
    return done


def status(order: Object) -> Object:
    """Return what the shop may read of an order."""
    return {name: order[name] for name in _SHOWN}


def _accept(store: Store, order: Object, pace: float) -> None:
    if faults.take(store, ("reject",), order["shipment"]):
        order |= {"next": "", "due_at": None}
        why = "The carrier does not serve this address."
        _change(store, order, "rejected", "rejected", reason=why)
        return
    _plan(store, order, "pick", pace)
    _change(store, order, "accepted", "accepted")


def _pick(store: Store, order: Object, pace: float) -> None:
    if faults.take(store, ("short",), order["shipment"]):
        order |= {"next": "", "due_at": None}
        missing = [{"sku": _left(order)[0]["sku"], "quantity": 1}]
        order["short"] = missing
        _change(store, order, "short", "short", items=missing)
        return
    _plan(store, order, "pack", pace)
    _change(store, order, "in_progress", "picked")


def _pack(store: Store, order: Object, pace: float) -> None:
    _plan(store, order, "ship", pace)
    _change(store, order, "in_progress", "packed")


def _ship(store: Store, order: Object, pace: float) -> None:
    left = _left(order)
    is_split = len(left) > 1 and faults.take(store, ("split",), order["shipment"])
    items = left[:1] if is_split else left
    number = len(order["parcels"]) + 1
    parcel = {
        "id": f"{order['shipment']}-{number}",
        "carrier": order["asked"]["service"]["carrier"] or "yamato",
        "tracking_number": "-".join(f"{secrets.randbelow(10_000):04d}" for _ in "123"),
        "items": items,
    }
    order["parcels"] = [*order["parcels"], parcel]
    _plan(store, order, "ship" if is_split else "deliver", pace)
    standing = "in_progress" if is_split else "shipped"
    _change(store, order, standing, "shipped", parcel=parcel)


def _deliver(store: Store, order: Object, _pace: float) -> None:
    order |= {"next": "", "due_at": None}
    if faults.take(store, ("return",), order["shipment"]):
        _change(store, order, "returned", "returned", reason="Nobody took it.")
        return
    _change(store, order, "delivered", "delivered")


_ACTS = {
    "accept": _accept,
    "pick": _pick,
    "pack": _pack,
    "ship": _ship,
    "deliver": _deliver,
}


def _left(order: Object) -> list[Object]:
    """Return what was asked for and has not left."""
    left = Counter({each["sku"]: each["quantity"] for each in order["asked"]["items"]})
    for parcel in order["parcels"]:
        left -= Counter({each["sku"]: each["quantity"] for each in parcel["items"]})
    return [{"sku": sku, "quantity": count} for sku, count in left.items()]


def _plan(store: Store, order: Object, following: str, pace: float) -> None:
    order |= {"next": following, "due_at": store.now() + pace}


def _change(store: Store, order: Object, standing: str, kind: str, **data: Any) -> None:
    order |= {
        "standing": standing,
        "sequence": order["sequence"] + 1,
        "reason": data.get("reason", ""),
    }
    store.put(order)
    content = {name: order[name] for name in ("shipment", "revision", "sequence")}
    _report(store, kind, content | data)


def _report(store: Store, kind: str, data: Object) -> None:
    message = {"type": f"shipment.{kind}", "data": data}
    store.run(
        "INSERT INTO reports (id, body, state, due_at) VALUES (?, ?, 'pending', ?)",
        (
            f"msg_{secrets.token_hex(12)}",
            json.dumps(message, ensure_ascii=False),
            store.now(),
        ),
    )
