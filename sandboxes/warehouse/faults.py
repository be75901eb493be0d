"""Faults that a tester arms: each counts down and then is gone."""

import json
from typing import Any

from sandboxes.warehouse.store import Store

Rule = dict[str, Any]

# Of an answer: done and the connection cut; not done and 500; done and late.
CALLS = ("lost_answer", "error", "slow_answer")
# Of a report: late, twice, after the next one, never.
REPORTS = ("delay", "double", "reorder", "drop")
# Of an order: the shelf is short of a unit, the order is rejected, the parcel returns.
ORDERS = ("short", "reject", "return", "split")
# Neither answers nor reports, until it is cleared.
SILENCE = "silence"
KINDS = (*CALLS, *REPORTS, *ORDERS, SILENCE)


class UnknownFault(ValueError):
    """There is no such fault, or its fields are wrong."""


def arm(store: Store, given: Rule) -> Rule:
    """Store a rule. Raises UnknownFault."""
    kind, times = given.get("kind"), given.get("times", 1)
    if kind not in KINDS or not isinstance(times, int) or times < 1:
        message = f"kind must be one of {', '.join(KINDS)}, and times 1 or more"
        raise UnknownFault(message)
    try:
        rule = {
            "kind": kind,
            "seconds": float(given.get("seconds", 2)),
            "call": str(given.get("call", "")),
            "shipment": str(given.get("shipment", "")),
        }
    except (TypeError, ValueError) as error:
        message = "seconds must be a number"
        raise UnknownFault(message) from error
    store.run(
        "INSERT INTO faults (rule, remaining) VALUES (?, ?)", (json.dumps(rule), times)
    )
    return rule


def listed(store: Store) -> list[Rule]:
    """Return the rules that still apply."""
    rows = store.rows("SELECT * FROM faults WHERE remaining > 0 ORDER BY number")
    return [
        {**json.loads(row["rule"]), "number": row["number"], "times": row["remaining"]}
        for row in rows
    ]


def clear(store: Store, kind: str = "") -> int:
    """Disarm all rules, or those of one kind. Return how many were armed."""
    found = [rule["number"] for rule in listed(store) if kind in ("", rule["kind"])]
    for number in found:
        store.run("DELETE FROM faults WHERE number = ?", (number,))
    return len(found)


def is_silent(store: Store) -> bool:
    return any(rule["kind"] == SILENCE for rule in listed(store))


def take(
    store: Store, kinds: tuple[str, ...], shipment: str = "", call: str = ""
) -> Rule | None:
    """Return the first rule of these kinds that applies, and count one use."""
    for rule in listed(store):
        fits = rule["shipment"] in ("", shipment) and rule["call"] in ("", call)
        if rule["kind"] in kinds and fits:
            store.run(
                "UPDATE faults SET remaining = remaining - 1 WHERE number = ?",
                (rule["number"],),
            )
            return rule
    return None
