"""Deliver reports to the shop: signed, at least once, with growing pauses."""

import http.client
import json
import threading
import time
from urllib.parse import urlsplit

from sandboxes.warehouse import faults, orders
from sandboxes.warehouse.api import Settings
from sandboxes.warehouse.signature import sign
from sandboxes.warehouse.store import Store

TIMEOUT_SECONDS = 10
LONGEST_PAUSE = 60.0
FIRST_PAUSE = 1.0
_IDLE_SECONDS = 0.1
_OK, _REDIRECT = 200, 300
# A report that the shop refuses is not sent again: it would be refused again.
_REFUSED = range(400, 500)


def start(store: Store, settings: Settings, stopping: threading.Event) -> None:
    """Work on orders and deliver reports, in threads that end with the process."""
    for work in (_work, _deliver):
        threading.Thread(
            target=work, args=(store, settings, stopping), daemon=True
        ).start()


def _work(store: Store, settings: Settings, stopping: threading.Event) -> None:
    while not stopping.wait(_IDLE_SECONDS):
        orders.run_due(store, settings.pace)


def _deliver(store: Store, settings: Settings, stopping: threading.Event) -> None:
    while not stopping.is_set():
        if not settings.report_url or not deliver_next(store, settings):
            stopping.wait(_IDLE_SECONDS)


def deliver_next(store: Store, settings: Settings) -> bool:
    """Send the report that is due first. Return False if none is due."""
    if faults.is_silent(store):
        return False
    now = store.now()
    due = store.rows(
        "SELECT * FROM reports WHERE state IN ('pending', 'held') AND due_at <= ?"
        " ORDER BY due_at, number LIMIT 1",
        (now,),
    )
    if not due:
        return False
    report = due[0]
    if report["attempts"] == 0 and report["state"] == "pending":
        spoilt = _spoil(store, report["number"], json.loads(report["body"]))
        if spoilt:
            return True
    status, error = _post(settings, report["id"], report["body"].encode())
    attempts = report["attempts"] + 1
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempts - 1, 10))
    state = "delivered" if _OK <= status < _REDIRECT else "pending"
    if status in _REFUSED:
        state = "refused"
    store.run(
        "UPDATE reports SET state = ?, attempts = ?, due_at = ?, last = ?"
        " WHERE number = ?",
        (state, attempts, store.now() + pause, error or str(status), report["number"]),
    )
    # What a reorder fault held back follows the report that came after it.
    store.run(
        "UPDATE reports SET due_at = ? WHERE state = 'held' AND number < ?",
        (store.now(), report["number"]),
    )
    return True


def _spoil(store: Store, number: int, message: dict[str, dict[str, str]]) -> bool:
    """Apply a fault to a report that is sent for the first time.

    Return whether it is not sent now.
    """
    rule = faults.take(store, faults.REPORTS, message["data"]["shipment"])
    if rule is None:
        return False
    if rule["kind"] == "double":
        store.run(
            "INSERT INTO reports (id, body, state, due_at)"
            " SELECT id, body, 'held', ? FROM reports WHERE number = ?",
            (store.now() + 0.2, number),
        )
        return False
    state, due = "held", store.now() + rule["seconds"]
    if rule["kind"] == "drop":
        state = "dropped"
    store.run(
        "UPDATE reports SET state = ?, due_at = ? WHERE number = ?",
        (state, due, number),
    )
    return True


def _post(settings: Settings, message_id: str, body: bytes) -> tuple[int, str]:
    """Send one report. Return the status, or 0 and what went wrong."""
    target = urlsplit(settings.report_url)
    secure = target.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(
        target.hostname or "localhost", target.port, timeout=TIMEOUT_SECONDS
    )
    stamp = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(settings.report_secret, message_id, stamp, body),
    }
    try:
        connection.request("POST", target.path or "/", body, headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        return 0, f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    return response.status, ""
