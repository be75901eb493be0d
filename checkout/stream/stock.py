"""The ledger of the stock as events."""

from collections.abc import Mapping, Sequence

from events.types import COUNT, TEXT, EventType, Happening, Source
from inventory.models import Movement

Kind = Movement.Kind

_TYPES = {
    Kind.RECEIVE: EventType("stock.received", "units came in"),
    Kind.SHIP_OUT: EventType("stock.shipped", "units left for an order"),
    Kind.ADJUST: EventType("stock.adjusted", "the count was corrected"),
    Kind.RETURN: EventType("stock.returned", "units came back into stock"),
    Kind.PREORDER: EventType(
        "stock.announced",
        "units can be ordered before they come, or announced ones came (negative)",
    ),
    Kind.SCRAP: EventType("stock.scrapped", "units that came back were scrapped"),
}
_FIELDS = {"sku": TEXT, "quantity": COUNT, "reference": TEXT}
# Their reference is an order's number.
_OF_AN_ORDER = frozenset({Kind.SHIP_OUT})


def read(keys: Sequence[int]) -> Mapping[int, Happening]:
    """Return what these movements say; ``quantity`` is negative for units that left."""
    rows = Movement.objects.filter(pk__in=keys).select_related("item")
    return {row.pk: _said(row) for row in rows}


def _said(row: Movement) -> Happening:
    kind = Kind(row.kind)
    return Happening(
        type=_TYPES[kind].name,
        subject=f"sku/{row.item.sku}",
        occurred_at=row.created_at,
        correlation=row.reference if kind in _OF_AN_ORDER else "",
        data={
            "sku": row.item.sku,
            "quantity": row.quantity,
            "reference": row.reference,
        },
    )


def source() -> Source:
    types = tuple(
        EventType(each.name, each.summary, fields=_FIELDS) for each in _TYPES.values()
    )
    return Source("stock", read, types, keys)


def keys(after: int, most: int) -> list[int]:
    """Return the keys of the ledger's rows after that one, at most so many."""
    rows = Movement.objects.filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:most])
