"""Idempotency keys, as Stripe keeps them (API v1).

The first status and body are stored once execution begins, declines and 500s
included; the same key with another request is an error; a second call while the first
runs is refused; what failed validation is not stored. Keys may be pruned after a day.

The effect and its stored answer are committed in one transaction, so a killed process
leaves either both or neither: a key found open at start was never executed.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sandboxes.stripe.errors import Conflict, InvalidRequest, KeyMisused
from sandboxes.stripe.store import Store

KEPT_SECONDS = 24 * 3600
LONGEST = 255


@dataclass(frozen=True)
class Stored:
    """An answer stored under a key."""

    status: int
    body: dict[str, Any]
    request: str


def fingerprint(params: dict[str, Any]) -> str:
    text = json.dumps(params, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def look_up(store: Store, key: str, endpoint: str, print_: str) -> Stored | None:
    """Return the stored answer, or None for a new key.

    Raises KeyMisused for another request under the key, Conflict while the first one
    is still running.
    """
    if len(key) > LONGEST:
        raise InvalidRequest(
            message=f"Idempotency key is too long: at most {LONGEST} characters."
        )
    found = store.row("SELECT * FROM idempotency WHERE key = ?", (key,))
    if found is None:
        return None
    if found["endpoint"] != endpoint:
        first = str(found["endpoint"]).partition(" ")[2]
        raise KeyMisused(
            message="Keys for idempotent requests can only be used for the same "
            "endpoint they "
            f"were first used for ('{first}'). Try using a key other than '{key}' if "
            "you meant to execute a different request."
        )
    if found["fingerprint"] != print_:
        raise KeyMisused(
            message="Keys for idempotent requests can only be used with the same "
            "parameters "
            f"they were first used with. Try using a key other than '{key}' if you "
            "meant to execute a different request."
        )
    if found["status"] is None:
        raise Conflict(
            message="There is currently another in-progress request using this "
            "Idempotent Key "
            "(that probably means you submitted twice, and the other request is still "
            f"going through): {key}.",
            code="idempotency_key_in_use",
        )
    return Stored(found["status"], json.loads(found["body"]), found["request"])


def begin(store: Store, key: str, endpoint: str, print_: str, now: int) -> None:
    """Claim the key; the caller commits before the operation starts."""
    store.run(
        "INSERT INTO idempotency (key, endpoint, fingerprint, created)"
        " VALUES (?, ?, ?, ?)",
        (key, endpoint, print_, now),
    )


def finish(store: Store, key: str, stored: Stored) -> None:
    """Store the answer, inside the operation's own transaction."""
    store.run(
        "UPDATE idempotency SET status = ?, body = ?, request = ? WHERE key = ?",
        (stored.status, json.dumps(stored.body), stored.request, key),
    )


def forget(store: Store, key: str) -> None:
    """Release a key whose request was not executed."""
    store.run("DELETE FROM idempotency WHERE key = ? AND status IS NULL", (key,))


def release_open(store: Store) -> int:
    """Release keys of a process that died before the effect. Return their number."""
    return store.run("DELETE FROM idempotency WHERE status IS NULL")


def prune(store: Store, now: int) -> int:
    return store.run(
        "DELETE FROM idempotency WHERE created < ? AND status IS NOT NULL",
        (now - KEPT_SECONDS,),
    )
