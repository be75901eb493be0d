"""``expand[]``: replace ids in an answer by their objects."""

from typing import Any

from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import InvalidRequest
from sandboxes.stripe.store import Object

DEEPEST = 4
_EXPANDABLE = frozenset(
    [
        "charge",
        "customer",
        "latest_charge",
        "payment_intent",
        "payment_method",
        "balance_transaction",
        "source",
        "failure_balance_transaction",
        "on_behalf_of",
        "review",
        "application",
        "default_source",
    ]
)


def apply(call: Call, body: Object, paths: list[str]) -> Object:
    """Return the answer with every path of ``paths`` expanded."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEEPEST + (parts[0] == "data"):
            raise InvalidRequest(
                message="You cannot expand more than 4 levels of a property: " + path,
                param="expand",
            )
        _step(call, body, parts, path)
    return body


def _step(call: Call, node: Any, parts: list[str], path: str) -> None:
    """Expand the first part of ``parts`` in a node, then the rest within it."""
    if isinstance(node, list):
        for item in node:
            _step(call, item, parts, path)
    elif parts and isinstance(node, dict):
        node[parts[0]] = _expanded(call, node, parts[0], path)
        _step(call, node[parts[0]], parts[1:], path)


def _expanded(call: Call, node: Object, name: str, path: str) -> Any:
    if name == "refunds" and node.get("object") == "charge":
        return _refunds(call, node)
    value = node.get(name)
    unknown = name not in node or (isinstance(value, str) and name not in _EXPANDABLE)
    if unknown:
        raise InvalidRequest(
            message=f"This property cannot be expanded ({path}). You may want to try "
            "expanding something else.",
            param="expand",
        )
    if isinstance(value, str):
        return call.store.get(value) or value
    return value


def _refunds(call: Call, charge: Object) -> Object:
    found = call.store.select(
        "kind = 'refund' AND charge = ?", (charge["id"],), "seq DESC LIMIT 11"
    )
    return {
        "object": "list",
        "data": found[:10],
        "has_more": len(found) > 10,  # noqa: PLR2004 - Stripe's page
        "url": f"/v1/charges/{charge['id']}/refunds",
    }
