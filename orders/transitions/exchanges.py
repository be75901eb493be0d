"""Goods of a return that are sent again at no charge: the moves of an exchange.

Units that are sent again are the customer's once more: they are neither back in stock
nor in a return, so that they may be returned later like the first ones. Rows are locked
in one order: return, exchange, goods.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

from orders.errors import (
    BeingPacked,
    ExchangeMoved,
    NothingToExchange,
    ReturnMoved,
    TooManyExchanged,
)
from orders.models import (
    Exchange,
    Order,
    OrderEvent,
    Return,
    ReturnLine,
    is_not_packed,
)
from orders.transitions.returns import move, record, rows_of
from shop.database_clock import Now, Time

_Status = Return.Status
_RECEIVED = [_Status.RECEIVED]
_EXCHANGE = [_Status.EXCHANGE]
# What every move makes of the claim to pack it, and of goods that lay ready.
_NOT_PACKED: dict[str, Any] = {
    "packer": "",
    "packing_since": None,
    "pickup_ready_at": None,
}


@transaction.atomic
def begin(
    returned: Return, actor: str, units: Mapping[int, int] | None = None
) -> Exchange | None:
    """Decide what is sent again: ``units`` by key of the line, or all that was kept.

    The caller takes the goods from stock in the same transaction. Return None if it was
    decided before. Raises ReturnMoved, NothingToExchange or TooManyExchanged.
    """
    if not move(returned, _Status.EXCHANGE, _RECEIVED):
        return None
    if returned.sent_again.standing().exists():
        # The rest of a return of which an exchange has left: its money is open.
        raise NothingToExchange(returned)
    wanted = {
        row: row.kept if units is None else units.get(row.pk, 0)
        for row in rows_of(returned)
    }
    if not any(wanted.values()):
        raise NothingToExchange(returned)
    for row, count in wanted.items():
        if count > row.kept:
            raise TooManyExchanged(row.goods.sku, row.kept)
        _give(row, count)
    exchange = Exchange.objects.create(
        returned=returned,
        number=_next_number(returned.order),
        turn=returned.sent_again.count() + 1,
        requested_by=actor,
    )
    _record(exchange, OrderEvent.Name.EXCHANGE_DECIDED, actor)
    return exchange


@transaction.atomic
def drop(exchange: Exchange, actor: str) -> bool:
    """Decide that nothing is sent after all. Return False if it was before.

    The caller puts the goods back. Raises ExchangeMoved if they were sent, or
    ReturnMoved if they are in another return.
    """
    if not _move(exchange, Exchange.Status.DROPPED):
        return False
    returned = exchange.returned
    move(returned, _Status.RECEIVED, _EXCHANGE)
    for row in rows_of(returned):
        _take(row)
    _record(exchange, OrderEvent.Name.EXCHANGE_DROPPED, actor)
    return True


@transaction.atomic
def send(exchange: Exchange, *, carrier: str, tracking_number: str, actor: str) -> bool:
    """Record that the parcel left, or that its customer has the goods in hand.

    It closes the return, unless the money of other units is open. Return False if it
    was recorded before. Raises ExchangeMoved.
    """
    label = {"carrier": carrier, "tracking_number": tracking_number}
    returned = exchange.returned
    handed = {"delivered_at": Now()} if returned.order.is_pickup else {}
    if not _move(exchange, Exchange.Status.SENT, sent_at=Now(), **handed, **label):
        return False
    if returned.has_rest:
        move(returned, _Status.RECEIVED, _EXCHANGE)
    else:
        closed = {"closed_at": Now(), "closed_by": actor}
        move(returned, _Status.CLOSED, _EXCHANGE, **closed)
    _record(exchange, OrderEvent.Name.EXCHANGE_SENT, actor, **label)
    return True


@transaction.atomic
def deliver(exchange: Exchange, at: Time) -> bool:
    """Record that the parcel arrived. Return False if it was recorded before."""
    rows = Exchange.objects.filter(pk=exchange.pk, status=Exchange.Status.SENT)
    return bool(rows.filter(delivered_at=None).update(delivered_at=at))


@transaction.atomic
def make_ready(exchange: Exchange, actor: str) -> bool:
    """Record that the goods lie ready at their place, and are packed by nobody.

    Return False if they lay ready before. Raises ExchangeMoved.
    """
    ready = {**_NOT_PACKED, "pickup_ready_at": Now()}
    waiting = Exchange.objects.to_send().filter(pk=exchange.pk)
    if not exchange.order.is_pickup or not waiting.exists():
        exchange.refresh_from_db()
        raise ExchangeMoved(exchange)
    if not waiting.filter(pickup_ready_at=None).update(**ready):
        return False
    _record(exchange, OrderEvent.Name.PICKUP_READY, actor)
    return True


@transaction.atomic
def start_packing(exchange: Exchange, actor: str, *, take_over: bool = False) -> bool:
    """Claim the exchange for one packer. Return False if it is the packer's already.

    A claim expires as that of an order does. ``take_over`` takes it from another packer
    before. Raises BeingPacked or ExchangeMoved.
    """
    waiting = Exchange.objects.to_send().filter(pk=exchange.pk)
    free = (
        waiting.exclude(packer=actor) if take_over else waiting.filter(is_not_packed())
    )
    claimed = free.update(packer=actor, packing_since=Now())
    exchange.refresh_from_db()
    if claimed:
        return True
    if exchange.status != Exchange.Status.REQUESTED:
        raise ExchangeMoved(exchange)
    if exchange.packer == actor:
        return False
    raise BeingPacked(exchange.number, exchange)


def stop_packing(exchange: Exchange, actor: str) -> bool:
    """Give the claim back. Return False if the packer does not have it."""
    mine = Exchange.objects.filter(pk=exchange.pk, packer=actor)
    return bool(mine.update(packer="", packing_since=None))


def _next_number(order: Order) -> str:
    """Return the name of the next exchange of the order, such as 261122-7K3QX9-X1."""
    # Locked, so that two returns of one order do not count the same.
    Order.objects.select_for_update().get(pk=order.pk)
    made = Exchange.objects.filter(returned__order=order).count()
    return f"{order.number}-X{made + 1}"


def _move(exchange: Exchange, to: Exchange.Status, **fields: Any) -> bool:
    """Move it by one conditional UPDATE. Return False if it is there already."""
    # First, because this order of locks avoids deadlocks.
    Return.objects.select_for_update().get(pk=exchange.returned_id)
    rows = Exchange.objects.to_send().filter(pk=exchange.pk)
    moved = rows.update(status=to, **_NOT_PACKED, **fields)
    exchange.refresh_from_db()
    if not moved and exchange.status != to:
        raise ExchangeMoved(exchange)
    return bool(moved)


def _give(row: ReturnLine, units: int) -> None:
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


def _take(row: ReturnLine) -> None:
    """Undo ``_give`` by a guarded update. Raises ReturnMoved."""
    goods, (restocked, scrapped) = row.goods, row.sent_units
    counted = (
        type(goods)
        .objects.filter(
            pk=goods.pk,
            shipped__gte=F("came_back") + F("returned") + row.exchanged,
            quantity__gte=F("returned") + F("restocked") + row.exchanged,
        )
        .update(
            restocked=F("restocked") + restocked,
            came_back=F("came_back") + restocked,
            returned=F("returned") + scrapped,
        )
    )
    if not counted:
        raise ReturnMoved(row.returned)
    ReturnLine.objects.filter(pk=row.pk).update(exchanged=0)


def _record(exchange: Exchange, name: OrderEvent.Name, actor: str, **data: Any) -> None:
    more = {"by": actor, "exchange": exchange.number, **data}
    record(exchange.returned, name, exchange.number, **more)
