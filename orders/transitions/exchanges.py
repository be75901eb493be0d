"""Goods of a return that are sent again at no charge: the moves of an exchange.

Units that are sent again are the customer's once more: they are neither back in stock
nor in a return, so that they may be returned later like the first ones.
"""

from typing import Any

from django.db import transaction
from django.db.models import F

from orders.errors import NothingToExchange, ReturnMoved
from orders.models import OrderEvent, Return, ReturnLine
from orders.transitions.returns import move, record, rows_of
from shop.database_clock import Now

_Status = Return.Status
_RECEIVED = [_Status.RECEIVED]
_EXCHANGE = [_Status.EXCHANGE]


@transaction.atomic
def begin(returned: Return, actor: str) -> bool:
    """Decide that what the shop kept is sent again. Return False if it was before.

    The caller takes the goods from stock in the same transaction. Raises ReturnMoved or
    NothingToExchange.
    """
    more = {"exchanges": F("exchanges") + 1}
    if not move(returned, _Status.EXCHANGE, _RECEIVED, **more):
        return False
    rows = [row for row in rows_of(returned) if row.kept]
    if not rows:
        raise NothingToExchange(returned)
    for row in rows:
        _give(row)
    _record(returned, OrderEvent.Name.EXCHANGE_DECIDED, actor)
    return True


@transaction.atomic
def drop(returned: Return, actor: str) -> bool:
    """Decide that nothing is sent after all. Return False if it was before.

    The caller puts the goods back. Raises ReturnMoved if they were sent, or are in
    another return.
    """
    if not move(returned, _Status.RECEIVED, _EXCHANGE):
        return False
    for row in rows_of(returned):
        _take(row)
    _record(returned, OrderEvent.Name.EXCHANGE_DROPPED, actor)
    return True


@transaction.atomic
def send(returned: Return, *, carrier: str, tracking_number: str, actor: str) -> bool:
    """Record that the parcel left, which closes the return. False if it was before.

    Raises ReturnMoved.
    """
    label = {"carrier": carrier, "tracking_number": tracking_number}
    left = {"sent_at": Now(), "closed_at": Now(), "closed_by": actor, **label}
    moved = move(returned, _Status.CLOSED, _EXCHANGE, **left)
    if moved:
        _record(returned, OrderEvent.Name.EXCHANGE_SENT, actor, **label)
    elif returned.sent_at is None:
        raise ReturnMoved(returned)
    return moved


def _give(row: ReturnLine) -> None:
    goods = row.goods
    type(goods).objects.filter(pk=goods.pk).update(
        restocked=F("restocked") - row.restocked, returned=F("returned") - row.scrapped
    )


def _take(row: ReturnLine) -> None:
    """Undo ``_give`` by a guarded update. Raises ReturnMoved."""
    goods, units = row.goods, row.kept
    counted = (
        type(goods)
        .objects.filter(
            pk=goods.pk,
            shipped__gte=F("returned") + row.scrapped,
            quantity__gte=F("returned") + F("restocked") + units,
        )
        .update(
            restocked=F("restocked") + row.restocked,
            returned=F("returned") + row.scrapped,
        )
    )
    if not counted:
        raise ReturnMoved(row.returned)


def _record(returned: Return, name: OrderEvent.Name, actor: str, **data: Any) -> None:
    record(returned, name, f"{returned.pk}-{returned.exchanges}", by=actor, **data)
