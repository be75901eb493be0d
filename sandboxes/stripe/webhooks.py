"""Deliver events: signed, and retried with growing pauses for three days."""

import hashlib
import hmac
import http.client
import json
import threading
from urllib.parse import urlsplit

from sandboxes.stripe import events
from sandboxes.stripe.sandbox import Sandbox

THREADS = 4
TIMEOUT_SECONDS = 10
LONGEST_PAUSE = 3600.0
_IDLE_SECONDS = 0.25
_DUE = "FROM deliveries WHERE state IN ('pending', 'held') AND due_at <= ?"


def signature(secret: str, payload: bytes, at: int) -> str:
    """Return the ``Stripe-Signature`` header: HMAC-SHA256 over ``time.payload``."""
    signed = f"{at}.".encode() + payload
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def start(sandbox: Sandbox) -> list[threading.Thread]:
    """Return the delivering threads; none without a receiver."""
    if not sandbox.settings.webhook_url:
        return []
    threads = [
        threading.Thread(
            target=_work, args=(sandbox,), name=f"webhook-{n}", daemon=True
        )
        for n in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    return threads


def _work(sandbox: Sandbox) -> None:
    while not sandbox.stopping.is_set():
        if not deliver_next(sandbox):
            with sandbox.bell:
                sandbox.bell.wait(_IDLE_SECONDS)


def deliver_next(sandbox: Sandbox) -> bool:
    """Send the delivery that is due first. Return False if none is due."""
    store, now = sandbox.store, sandbox.clock.precise()
    if store.row(f"SELECT 1 {_DUE}", (now,)) is None:
        return False
    with store.transaction():
        row = store.row(
            f"SELECT * {_DUE} ORDER BY due_at, id LIMIT 1",
            (now,),
        )
        if row is None:
            return False
        store.run("UPDATE deliveries SET state = 'sending' WHERE id = ?", (row["id"],))
        event = store.get(row["event"])
    if event is None:
        store.run("DELETE FROM deliveries WHERE id = ?", (row["id"],))
        return True
    status, error = None, None
    try:
        status = _post(sandbox, json.dumps(event).encode())
    except NoAnswer as failure:
        error = str(failure)
    attempts = row["attempts"] + 1
    delivered = status is not None and 200 <= status < 300  # noqa: PLR2004
    pause = min(LONGEST_PAUSE, sandbox.settings.webhook_backoff * 2.0 ** (attempts - 1))
    due = sandbox.clock.precise() + pause
    failed = due > row["give_up_at"]
    state = "delivered" if delivered else "failed" if failed else "pending"
    with store.transaction():
        store.run(
            "UPDATE deliveries SET state = ?, attempts = ?, due_at = ?,"
            " last_status = ?, last_error = ? WHERE id = ?",
            (state, attempts, due, status, error, row["id"]),
        )
        # Send what a reorder rule held back, now that a later event is sent.
        store.run(
            "UPDATE deliveries SET state = 'pending', due_at = ?"
            " WHERE state = 'held' AND id < ?",
            (sandbox.clock.precise(), row["id"]),
        )
    return True


class NoAnswer(Exception):
    """The receiver of the webhooks gave no answer; the text names the cause."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")


def _post(sandbox: Sandbox, payload: bytes) -> int:
    """Send one event and return the status of the answer. Raises NoAnswer."""
    target = urlsplit(sandbox.settings.webhook_url)
    secure = target.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(
        target.hostname or "localhost", target.port, timeout=TIMEOUT_SECONDS
    )
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    secret = sandbox.settings.webhook_secret
    try:
        connection.request(
            "POST",
            path,
            payload,
            {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
                "Stripe-Signature": signature(secret, payload, events.signed_at()),
            },
        )
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(error) from error
    finally:
        connection.close()
    return response.status
