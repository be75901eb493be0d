"""Goods of a return that are sent again at no charge: the moves of an exchange.

Units that are sent again are the customer's once more: they are neither back in stock
nor in a return, so that they may be returned later like the first ones. How many of
them have left is counted in the line of the return, beside its limit. Rows are locked
in one order: return, exchange, goods.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from orders.errors import (
    BeingPacked,
)
from orders.exchange_errors import (
    ExchangeMoved,
    NothingToExchange,
    TooManyExchanged,
)
from orders.models import (
    Exchange,
    Order,
    OrderEvent,
    Parcel,
    Return,
    is_not_packed,
)
from orders.parcels import Units, by_sku, due_again
from orders.transitions.exchange_units import fill, give, take
from orders.transitions.forms import made_by_form
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
        give(row, count)
    exchange = Exchange.objects.create(
        returned=returned,
        number=_next_number(returned.order),
        turn=returned.sent_again.count() + 1,
        requested_by=actor,
    )
    _record(exchange, OrderEvent.Name.EXCHANGE_DECIDED, actor)
    return exchange


@transaction.atomic
def drop(exchange: Exchange, actor: str) -> list[Units]:
    """Decide that nothing, or nothing more, is sent after all. Return what is not.

    Of an exchange of which parcels have left it is the rest: what left stays sent. The
    caller puts the units back. Return [] if it was dropped before. Raises ExchangeMoved
    if all was sent, or ReturnMoved if units are in another return.
    """
    lock(exchange)
    rest = due_again(exchange)
    has_left = exchange.parcel_count > 0
    if has_left and exchange.status == Exchange.Status.SENT:
        if _was_dropped(exchange):
            return []
        raise ExchangeMoved(exchange)
    if has_left:
        _move(exchange, Exchange.Status.SENT, sent_at=Now())
    elif not _move(exchange, Exchange.Status.DROPPED):
        return []
    returned = exchange.returned
    move(returned, _Status.RECEIVED, _EXCHANGE)
    for row in rows_of(returned):
        take(row)
    name = OrderEvent.Name.EXCHANGE_DROPPED
    _record(exchange, name, actor, units=by_sku(rest), parcels=exchange.parcel_count)
    return rest


@transaction.atomic
def send(
    exchange: Exchange,
    *,
    carrier: str,
    tracking_number: str,
    actor: str,
    items: Sequence[Units] | None = None,
    uid: uuid.UUID | None = None,
) -> Parcel | None:
    """Record that a parcel left, with ``items`` or with everything that is left.

    Of what is picked up: that the customer has it in hand. With the last unit the
    exchange is sent; that closes the return, unless the money of other units is open.
    Return None if the parcel ``uid`` left before, or all had left; nothing changes
    then. Raises ExchangeMoved, NotDueAgain or FormOfAnother.
    """
    returned = lock(exchange)
    if uid and made_by_form(Parcel.objects.all(), uid, exchange_id=exchange.pk):
        return None
    if exchange.status == Exchange.Status.SENT:
        return None
    waiting = Exchange.objects.to_send().filter(pk=exchange.pk)
    if not waiting.update(parcel_count=F("parcel_count") + 1, **_NOT_PACKED):
        raise ExchangeMoved(exchange)
    exchange.refresh_from_db()
    label = {"carrier": carrier, "tracking_number": tracking_number}
    parcel = Parcel.objects.create(
        uid=uid or uuid.uuid4(),
        exchange=exchange,
        number=exchange.parcel_count,
        dispatched_at=Now(),
        delivered_at=Now() if returned.order.is_pickup else None,
        **label,
    )
    contents = due_again(exchange) if items is None else items
    fill(parcel, exchange, [units for units in contents if units.quantity > 0])
    _record_parcel(parcel, exchange, actor, **label)
    if not due_again(exchange):
        _finish(exchange, actor, **label)
    return parcel


@transaction.atomic
def deliver(exchange: Exchange, at: Time) -> int:
    """Record that its parcels arrived. Return how many had not before."""
    return exchange.parcels.filter(delivered_at=None).update(delivered_at=at)


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
    exchange.refresh_from_db()
    # What is picked up in parts lies ready once for each.
    key = f"{exchange.number} {exchange.parcel_count}".removesuffix(" 0")
    about = {"by": actor, "exchange": exchange.number}
    record(exchange.returned, OrderEvent.Name.PICKUP_READY, key, **about)
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


def lock(exchange: Exchange) -> Return:
    """Lock its return until the transaction ends, and read the exchange once more.

    Everything that is sent or dropped of an exchange waits for this row.
    """
    returned = Return.objects.select_for_update().get(pk=exchange.returned_id)
    exchange.refresh_from_db()
    exchange.returned = returned
    return returned


def _was_dropped(exchange: Exchange) -> bool:
    """Return whether the rest was dropped after parcels had left."""
    rows = exchange.order.events.filter(
        name=OrderEvent.Name.EXCHANGE_DROPPED, key=exchange.number
    )
    return rows.exists()


def _finish(exchange: Exchange, actor: str, **label: str) -> None:
    """Record the exchange as sent: its last unit has left."""
    _move(exchange, Exchange.Status.SENT, sent_at=Now())
    returned = exchange.returned
    if returned.has_rest:
        move(returned, _Status.RECEIVED, _EXCHANGE)
    else:
        closed = {"closed_at": Now(), "closed_by": actor}
        move(returned, _Status.CLOSED, _EXCHANGE, **closed)
    _record(exchange, OrderEvent.Name.EXCHANGE_SENT, actor, **label)


def _record_parcel(
    parcel: Parcel, exchange: Exchange, actor: str, **label: str
) -> None:
    lines = parcel.lines.select_related("line", "substitute")
    held = [Units(row.line, row.quantity, row.substitute) for row in lines]
    more = {"by": actor, "exchange": exchange.number, **label}
    name = OrderEvent.Name.EXCHANGE_PARCEL
    key = f"{exchange.number} {parcel.number}"
    units = by_sku(held)
    record(exchange.returned, name, key, parcel=parcel.number, units=units, **more)


def _move(exchange: Exchange, to: Exchange.Status, **fields: Any) -> bool:
    """Move it by one conditional UPDATE. Return False if it is there already.

    Its return is locked. Raises ExchangeMoved.
    """
    rows = Exchange.objects.to_send().filter(pk=exchange.pk)
    moved = rows.update(status=to, **_NOT_PACKED, **fields)
    exchange.refresh_from_db()
    if not moved and exchange.status != to:
        raise ExchangeMoved(exchange)
    return bool(moved)


def _record(exchange: Exchange, name: OrderEvent.Name, actor: str, **data: Any) -> None:
    more = {"by": actor, "exchange": exchange.number, **data}
    record(exchange.returned, name, exchange.number, **more)
