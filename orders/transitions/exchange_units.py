"""How many units of a return are sent again, and how many of them have left."""

from collections.abc import Sequence

from django.db.models import F

from orders.errors import ReturnMoved
from orders.exchange_errors import NotDueAgain
from orders.models import Exchange, Parcel, ParcelLine, ReturnLine
from orders.parcels import Units, in_order


def fill(parcel: Parcel, exchange: Exchange, contents: Sequence[Units]) -> None:
    """Store what is in the parcel and count it as left. Raises NotDueAgain."""
    if not contents:
        raise NotDueAgain(exchange.number)
    for units in sorted(contents, key=in_order):
        rows = ReturnLine.objects.filter(
            returned=exchange.returned_id, line=units.line, substitute=units.substitute
        )
        enough = rows.filter(exchanged__gte=F("resent") + units.quantity)
        if not enough.update(resent=F("resent") + units.quantity):
            left = sum(row.due_again for row in rows)
            raise NotDueAgain(exchange.number, units.goods.sku, left)
    ParcelLine.objects.bulk_create(
        ParcelLine(
            parcel=parcel,
            line=units.line,
            substitute=units.substitute,
            quantity=units.quantity,
        )
        for units in contents
    )


def give(row: ReturnLine, units: int) -> None:
    """Count ``units`` of the row as the customer's again."""
    ReturnLine.objects.filter(pk=row.pk).update(exchanged=units)
    row.exchanged = units
    restocked, scrapped = row.sent_units
    goods = row.goods
    type(goods).objects.filter(pk=goods.pk).update(
        restocked=F("restocked") - restocked,
        came_back=F("came_back") - restocked,
        returned=F("returned") - scrapped,
    )


def take(row: ReturnLine) -> None:
    """Undo ``give`` for what has not left, by a guarded update. Raises ReturnMoved."""
    goods, rest = row.goods, row.due_again
    all_restocked, all_scrapped = row.sent_units
    row.exchanged = row.resent
    left_restocked, left_scrapped = row.sent_units
    restocked = all_restocked - left_restocked
    scrapped = all_scrapped - left_scrapped
    counted = (
        type(goods)
        .objects.filter(
            pk=goods.pk,
            shipped__gte=F("came_back") + F("returned") + rest,
            quantity__gte=F("returned") + F("restocked") + rest,
        )
        .update(
            restocked=F("restocked") + restocked,
            came_back=F("came_back") + restocked,
            returned=F("returned") + scrapped,
        )
    )
    if not counted:
        raise ReturnMoved(row.returned)
    ReturnLine.objects.filter(pk=row.pk).update(exchanged=row.resent)
