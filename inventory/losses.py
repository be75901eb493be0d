"""Units that cannot be sold: missing on the shelf, or unfit when they came back.

Both came back in the ledger first, so that what an order took is never counted twice.
"""

from collections.abc import Mapping

from django.db import transaction

from inventory.models import Movement, StockItem
from inventory.services import move, take_back


@transaction.atomic
def write_off(
    reference: str,
    units: Mapping[str, int],
    named: str,
    note: str,
    actor: str,
    *,
    shelf_is_empty: bool,
) -> None:
    """Book that ``units`` (SKU -> quantity) shipped for ``reference`` were missing.

    They are booked as returned and then taken off the count. With ``shelf_is_empty``
    all free units of these SKUs are taken off too. ``named`` makes it repeatable.
    Raises NotShipped.
    """
    take_back(reference, units, named, actor)
    for sku, quantity in sorted(units.items()):
        # The return has locked the row, so no other transaction moves it now.
        free = StockItem.objects.get(sku=sku).free
        gone = free if shelf_is_empty else quantity
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
