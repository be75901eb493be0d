"""Every object of Stripe, with every text at its documented maximum.

``data/provider_shapes.json`` is distilled from Stripe's OpenAPI description (MIT
licence, version 2026-08-26). It has a line for each object, with the rule of each of
its properties: a type, ``one`` (the longest value of an enumeration), ``ref`` (another
object), ``id`` (an id, or the object itself if it is expanded), ``list``, ``map`` or
``of`` (an object without a name).
"""

import inspect
import json
import re
import sys
from itertools import count
from pathlib import Path
from typing import Any

from stripe.params import WebhookEndpointCreateParams

FOLDER = Path(__file__).parent / "data"
SHAPES: dict[str, dict[str, Any]] = json.loads(
    (FOLDER / "provider_shapes.json").read_text()
)
# https://docs.stripe.com/upgrades: no id is longer. No other length is documented for
# most fields, so it is the longest of all of them.
LONGEST = 255
# https://docs.stripe.com/api/metadata, .../disputes/evidence-best-practices
DOCUMENTED = {
    "country": 2,
    "last4": 4,
    "statement_descriptor": 22,
    "statement_descriptor_suffix": 22,
}
METADATA = 500
EVIDENCE = 20_000
# Objects contain each other without an end.
DEEPEST = 3

# The objects that have a name of their own, which events are about.
KINDS = sorted(
    name
    for name, properties in SHAPES.items()
    if "object" in properties and name not in ("event", "notification_event_data")
)
_numbers = count(1)


def event_types() -> list[str]:
    """Return every type of event that an endpoint of this SDK's version can ask for."""
    # Its annotations name types that the SDK imports for type checkers only.
    source = inspect.getsource(sys.modules[WebhookEndpointCreateParams.__module__])
    return sorted(set(re.findall(r'^ +"([a-z][\w.]*\.\w+)",$', source, re.MULTILINE)))


def kind_of(event_type: str) -> str:
    """Return the kind of object that events of a type are about."""
    if event_type.startswith("charge.dispute."):
        return "dispute"
    if event_type.startswith(("charge.refund.", "refund.")):
        return "refund"
    names = [event_type.rpartition(".")[0], event_type.partition(".")[0]]
    # Anything else has the fields that every object has.
    return next((name for name in names if name in KINDS), "item")


def full(kind: str, *, expanded: bool = False, **fixed: Any) -> dict[str, Any]:
    """Return an object of this kind, with an id of its own; ``fixed`` fields as given.

    ``expanded``: objects stand in the place of ids, as far as Stripe can send that.
    """
    made = _object(kind, SHAPES[kind], DEEPEST if expanded else 2, expanded=expanded)
    return {**made, "id": new_id(kind), "object": kind, **fixed}


def event(event_type: str, thing: dict[str, Any], **fixed: Any) -> dict[str, Any]:
    """Return an event of this type about ``thing``."""
    made = full("event", type=event_type, livemode=False, data={"object": thing})
    # It would be another account's.
    del made["account"]
    return {**made, **fixed}


def new_id(kind: str) -> str:
    return f"{kind}_{next(_numbers)}_".ljust(LONGEST, "x")


def _object(
    name: str, properties: dict[str, Any], depth: int, *, expanded: bool
) -> dict[str, Any]:
    return {
        field: _value(name, field, rule, depth, expanded=expanded)
        for field, rule in properties.items()
    }


def _value(name: str, field: str, rule: Any, depth: int, *, expanded: bool) -> Any:
    if isinstance(rule, str):
        return _plain(name, field, rule)
    ((how, what),) = rule.items()
    if how == "list":
        return [_value(name, field, what, depth, expanded=expanded)]
    if how == "ref":
        inner = SHAPES.get(what, {}) if depth else {}
        return _object(what, inner, depth - 1, expanded=expanded)
    if how == "of":
        return _object(name, what, depth, expanded=expanded)
    if how == "id" and expanded and depth and what and what[0] in SHAPES:
        inside = _object(what[0], SHAPES[what[0]], depth - 1, expanded=True)
        return {**inside, "object": what[0]}
    plain = {"one": what, "id": "x" * LONGEST, "map": {"k" * 40: "v" * METADATA}}
    return plain[how]


def _plain(name: str, field: str, rule: str) -> Any:
    plain = {
        "integer": 99_999_999,
        "number": 99_999_999,
        "boolean": True,
        "time": 4_102_444_800,
        "currency": "jpy",
        "object": {},
    }
    if rule in plain:
        return plain[rule]
    if name == "dispute_evidence":
        return "e" * EVIDENCE
    return "x" * DOCUMENTED.get(field, LONGEST)
