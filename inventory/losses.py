"""Units that cannot be sold: missing on the shelf, or unfit when they came back.

Both came back in the ledger first, so that what an order took is never counted twice.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction

from inventory.models import Movement, StockItem
from inventory.services import move, take_back


@dataclass(frozen=True)
class Missing:
    """What was not found: SKU -> units, in ``units``.

    ``shelf_is_empty``: none of these SKUs is there. ``preordered`` are those that were
    sold before they came.
    """

    units: Mapping[str, int]
    shelf_is_empty: bool
    preordered: Collection[str] = ()


@transaction.atomic
def write_off(
    reference: str, missing: Missing, named: str, note: str, actor: str
) -> None:
    """Book that units shipped for ``reference`` were missing.

    They are booked as returned and then taken off the count; of an empty shelf all free
    units, except those that are announced and still to come. Of pre-orders as many as
    are awaited did not come: they are announced no more. ``named`` makes it repeatable.
    Raises NotShipped.
    """
    if not take_back(reference, missing.units, named, actor):
        return
    for sku, quantity in sorted(missing.units.items()):
        # The return has locked the row, so no other transaction moves it now.
        item = StockItem.objects.get(sku=sku)
        not_come = min(quantity, item.awaited) if sku in missing.preordered else 0
        gone = quantity - not_come
        if missing.shelf_is_empty:
            gone = max(gone, item.free - item.awaited)
        if not_come:
            move(sku, -not_come, Movement.Kind.PREORDER, named, note, actor)
        if gone:
            move(sku, -gone, Movement.Kind.ADJUST, named, note, actor)


@transaction.atomic
def take_back_and_scrap(
    reference: str,
    units: Mapping[str, int],
    scrapped: Mapping[str, int],
    named: str,
    actor: str,
) -> None:
    """Book that ``units`` shipped for ``reference`` came back, ``scrapped`` ones unfit.

    Both are SKU -> quantity. Unfit units are in the ledger twice, as returned and as
    scrapped, so that they are never on hand. ``named`` makes it repeatable. Raises
    NotShipped.
    """
    take_back(reference, units, named, actor)
    for sku, quantity in sorted(scrapped.items()):
        if quantity:
            move(sku, -quantity, Movement.Kind.SCRAP, named, reference, actor)
