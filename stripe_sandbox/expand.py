"""``expand[]``: ids in an answer replaced by the objects they name."""

from typing import Any

from stripe_sandbox.call import Call
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.store import Object

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
    """The answer with every path of ``paths`` expanded (``data.latest_charge``)."""
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
    if isinstance(node, list):
        for item in node:
            _step(call, item, parts, path)
        return
    if not parts or not isinstance(node, dict):
        return
    name, rest = parts[0], parts[1:]
    if name == "refunds" and node.get("object") == "charge" and name not in node:
        node[name] = _refunds(call, node)
    if name not in node:
        raise InvalidRequest(
            message=f"This property cannot be expanded ({path}). You may want to try expanding "
            "something else.",
            param="expand",
        )
    value = node[name]
    if isinstance(value, str):
        if name not in _EXPANDABLE:
            raise InvalidRequest(
                message=f"This property cannot be expanded ({path}).", param="expand"
            )
        found = call.store.get(value)
        if found is not None:
            node[name] = found
    if rest:
        _step(call, node[name], rest, path)


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
