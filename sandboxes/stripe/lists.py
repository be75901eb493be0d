"""Lists: newest first, filtered, with cursors."""

from collections.abc import Iterable
from typing import Any

from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import InvalidRequest, missing_resource
from sandboxes.stripe.store import Object

DEFAULT_LIMIT = 10
LARGEST_LIMIT = 100
_COLUMNS = {
    "payment_intent": "intent",
    "charge": "charge",
    "customer": "customer",
    "type": "type",
}
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def limit_of(params: dict[str, Any]) -> int:
    limit = int(params.get("limit", DEFAULT_LIMIT))
    if not 1 <= limit <= LARGEST_LIMIT:
        raise InvalidRequest(
            message=f"Invalid limit: must be between 1 and {LARGEST_LIMIT}",
            code="parameter_invalid_integer",
            param="limit",
        )
    return limit


def page(
    call: Call,
    kind: str,
    filters: Iterable[str] = (),
    *,
    where: str = "1",
    values: tuple[Any, ...] = (),
    url: str | None = None,
) -> Object:
    """Return one page of a kind; ``filters`` are parameters compared for equality."""
    conditions, bound = ["kind = ?", where], [kind, *values]
    _filter(call.params, filters, conditions, bound)
    _created(call.params.get("created"), conditions, bound)
    backwards = _cursor(call, conditions, bound)
    limit = limit_of(call.params)
    order = "seq ASC" if backwards else "seq DESC"
    found = call.store.select(
        " AND ".join(conditions), bound, f"{order} LIMIT {limit + 1}"
    )
    kept = found[:limit]
    return {
        "object": "list",
        "data": kept[::-1] if backwards else kept,
        "has_more": len(found) > limit,
        "url": url or f"/v1/{kind}s",
    }


def _filter(
    params: dict[str, Any],
    filters: Iterable[str],
    conditions: list[str],
    bound: list[Any],
) -> None:
    for name in filters:
        if name in params:
            column = _COLUMNS.get(name, f"json_extract(body, '$.{name}')")
            conditions.append(f"{column} = ?")
            bound.append(params[name])


def _created(given: Any, conditions: list[str], bound: list[Any]) -> None:
    """Read ``created=N`` or ``created[gte]=N`` and its siblings."""
    if given is None:
        return
    if not isinstance(given, dict):
        given = {"gte": given, "lte": given}
    for name, value in given.items():
        conditions.append(f"created {_COMPARISONS[name]} ?")
        bound.append(value)


def _cursor(call: Call, conditions: list[str], bound: list[Any]) -> bool:
    """Apply ``starting_after`` or ``ending_before``. Return whether it runs back."""
    params = call.params
    if "starting_after" in params and "ending_before" in params:
        raise InvalidRequest(
            message="You may only specify one of these parameters: ending_before, "
            "starting_after.",
            param="ending_before",
        )
    for name, comparison in (("starting_after", "<"), ("ending_before", ">")):
        if name not in params:
            continue
        row = call.store.row("SELECT seq FROM objects WHERE id = ?", (params[name],))
        if row is None:
            raise missing_resource(noun="object", identifier=params[name], param=name)
        conditions.append(f"seq {comparison} ?")
        bound.append(row["seq"])
    return "ending_before" in params
