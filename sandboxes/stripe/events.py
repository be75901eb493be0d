"""Events: stored with the change they report, delivered by ``webhooks``."""

import time
from copy import deepcopy

from sandboxes.stripe import API_VERSION, faults, lists
from sandboxes.stripe.call import Call
from sandboxes.stripe.store import Object, new_id

RETRY_SECONDS = 3 * 24 * 3600
REORDER_SECONDS = 5


def emit(
    call: Call, kind: str, subject: Object, previous: Object | None = None
) -> Object:
    """Store an event about ``subject`` and queue its delivery, in the same transaction.

    ``previous`` carries the old values of what changed, for ``*.updated`` events.
    """
    data: Object = {"object": deepcopy(subject)}
    if previous:
        data["previous_attributes"] = previous
    event: Object = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": call.clock.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 1 if call.settings.webhook_url else 0,
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
        "type": kind,
    }
    call.store.put(event)
    if call.settings.webhook_url:
        _queue(call, event)
    return event


def _queue(call: Call, event: Object) -> None:
    """Queue one delivery, or what a webhook fault makes of it."""
    now = call.clock.precise()
    state, due, copies = "pending", now, 1
    rule = faults.take_webhook(call.store, event["type"])
    if rule is not None:
        if rule["kind"] == "webhook_drop":
            state = "dropped"
        elif rule["kind"] == "webhook_duplicate":
            copies = 2
        elif rule["kind"] == "webhook_delay":
            due = now + float(rule["seconds"])
        else:
            # Held until a later event is sent; the time applies if there is
            # none.
            state, due = "held", now + REORDER_SECONDS
    for _ in range(copies):
        call.store.run(
            "INSERT INTO deliveries (event, type, state, due_at, give_up_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (event["id"], event["type"], state, due, now + RETRY_SECONDS),
        )


def signed_at() -> int:
    """Return the machine's time for the signature, which the receiver checks by it."""
    return int(time.time())


def retrieve(call: Call) -> Object:
    return _current(call, call.find("event", call.path["id"], "id"))


def page(call: Call) -> Object:
    """List events, newest first; ``types`` lists several, ``*`` is a wildcard."""
    params = call.params
    kinds = list(params.get("types") or ([params["type"]] if "type" in params else []))
    where, values = "1", ()
    if kinds:
        where = "(" + " OR ".join("type GLOB ?" for _ in kinds) + ")"
        values = tuple(kinds)
    found = lists.page(call, "event", where=where, values=values)
    found["data"] = [_current(call, event) for event in found["data"]]
    return found


def _current(call: Call, event: Object) -> Object:
    """Add ``pending_webhooks``: the number of deliveries to come."""
    waiting = call.store.row(
        "SELECT count(*) AS n FROM deliveries WHERE event = ?"
        " AND state IN ('pending', 'held', 'sending')",
        (event["id"],),
    )
    return {**event, "pending_webhooks": waiting["n"] if waiting else 0}
