"""Fault rules that a test sets for the calls that follow."""

import json
from fnmatch import fnmatchcase
from typing import Any

from sandboxes.stripe.errors import InvalidRequest
from sandboxes.stripe.store import Store

Rule = dict[str, Any]

OPERATIONS = [
    "create",
    "confirm",
    "capture",
    "cancel",
    "refund",
    "retrieve",
    "update",
    "list",
    "search",
    "token",
    "any",
]
TRANSPORT = ("cut_before", "cut_after", "withhold", "delay")
ERRORS = ("error_before", "error_after")
WEBHOOKS = ("webhook_drop", "webhook_duplicate", "webhook_delay", "webhook_reorder")
_FIELDS = {
    "operation", "kind", "status", "times", "seconds", "event", "key", "object", "skip",
    "stored",
}  # fmt: skip
_SHORT = {"refunds.create": "refund", "confirmation_tokens.create": "token"}
_STATUSES = (400, 401, 402, 403, 409, 429, 500, 502, 503, 504)


def add(store: Store, given: Any) -> Rule:
    """Check a rule, fill in its defaults and store it. Return it with its id."""
    rule = _complete(given)
    with store.transaction():
        store.run(
            "INSERT INTO faults (rule, remaining) VALUES (?, ?)",
            (json.dumps(rule), rule["times"]),
        )
        found = store.row("SELECT max(id) AS id FROM faults")
    return {"id": found["id"] if found else 0, "remaining": rule["times"], **rule}


def _complete(given: Any) -> Rule:
    if not isinstance(given, dict):
        raise InvalidRequest(message="A rule is an object: {operation, kind, ...}")
    unknown = set(given) - _FIELDS
    if unknown:
        raise InvalidRequest(
            message=f"Unknown fields in the rule: {', '.join(sorted(unknown))}"
        )
    kind = given.get("kind")
    if kind not in TRANSPORT + ERRORS + WEBHOOKS:
        known = ", ".join(TRANSPORT + ERRORS + WEBHOOKS)
        raise InvalidRequest(message=f"kind must be one of {known}", param="kind")
    operation = given.get("operation", "any")
    if operation not in OPERATIONS and "." not in str(operation):
        raise InvalidRequest(
            message=f"operation must be one of {', '.join(OPERATIONS)}, or a full "
            "name such as "
            "payment_intents.create",
            param="operation",
        )
    status = int(given.get("status", 500))
    if status not in _STATUSES:
        raise InvalidRequest(
            message=f"status must be one of {_STATUSES}", param="status"
        )
    return {
        "operation": operation,
        "kind": kind,
        "status": status,
        "times": max(1, int(given.get("times", 1))),
        "skip": max(0, int(given.get("skip", 0))),
        "seconds": float(given.get("seconds", 2)),
        "event": str(given.get("event", "*")),
        "key": str(given.get("key", "")),
        "object": str(given.get("object", "")),
        # Stripe stores a 500 under the key, but not a refused or rate-limited call.
        "stored": bool(given.get("stored", status >= 500)),  # noqa: PLR2004
    }


def listed(store: Store) -> list[Rule]:
    """Return the rules that still apply."""
    return [
        {"id": row["id"], "remaining": row["remaining"], **json.loads(row["rule"])}
        for row in store.rows("SELECT * FROM faults WHERE remaining > 0 ORDER BY id")
    ]


def clear(store: Store) -> int:
    return store.run("DELETE FROM faults")


def take(
    store: Store, operation: str, key: str | None, path: str, *, replay: bool
) -> Rule | None:
    """Return the first rule that applies to this call, and count one use.

    ``operation`` is the full name (``payment_intents.create``). A replay from the
    idempotency store meets transport faults and unstored errors only: Stripe answers
    it without running the operation.
    """
    if not listed(store):
        return None
    with store.transaction():
        for rule in listed(store):
            if rule["kind"] in WEBHOOKS or (
                replay and rule["kind"] in ERRORS and rule["stored"]
            ):
                continue
            if _matches(rule, operation, key, path) and _spend(store, rule):
                return rule
    return None


def take_webhook(store: Store, event: str) -> Rule | None:
    for rule in listed(store):
        told = rule["kind"] in WEBHOOKS and fnmatchcase(event, rule["event"])
        if told and _spend(store, rule):
            return rule
    return None


def _matches(rule: Rule, operation: str, key: str | None, path: str) -> bool:
    noun, _, verb = operation.partition(".")
    # "create" means creating an intent; operations on other objects are named in full.
    short = verb if noun == "payment_intents" else _SHORT.get(operation, operation)
    if rule["operation"] not in ("any", operation, short):
        return False
    return rule["key"] in (key or "") and rule["object"] in path


def _spend(store: Store, rule: Rule) -> bool:
    """Use the rule once. Return False while it lets calls pass (``skip``)."""
    if rule["skip"]:
        rule["skip"] -= 1
        kept = {name: rule[name] for name in rule if name not in ("id", "remaining")}
        store.run(
            "UPDATE faults SET rule = ? WHERE id = ?", (json.dumps(kept), rule["id"])
        )
        return False
    store.run("UPDATE faults SET remaining = remaining - 1 WHERE id = ?", (rule["id"],))
    return True
