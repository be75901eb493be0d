"""The only writer of a shipment's status, of its parcels, and of what left in them.

The counter of the units that left is in the same row as its limit, the quantity. A
guarded UPDATE moves it, so two packers at once never send more than is due. Rows are
locked in one order: payment, shipment, lines.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from orders.errors import BeingPacked, IllegalMove, NotDue, NothingDue
from orders.models import (
    Order,
    OrderEvent,
    OrderLine,
    Parcel,
    ParcelLine,
    Shipment,
    Substitute,
    is_not_packed,
)
from orders.parcels import Units, by_sku, due, in_order, still_due
from orders.transitions.cancellations import settle_with_order
from orders.transitions.events import record_event, show
from orders.transitions.forms import made_by_form
from orders.transitions.orders import cancel_unsent, move_order
from shop.database_clock import Now, Time

_SHIPMENT_MOVES = {
    Shipment.Status.DISPATCHED: [Shipment.Status.REQUESTED],
    # These two alternate: goods are found missing, and arrive.
    Shipment.Status.HELD_BACK: [Shipment.Status.REQUESTED],
    Shipment.Status.REQUESTED: [Shipment.Status.HELD_BACK],
    Shipment.Status.CALLED_OFF: [Shipment.Status.HELD_BACK, Shipment.Status.REQUESTED],
}


# What every move, and every parcel that leaves, makes of the claim to pack it, and of
# goods that lay ready to be picked up.
_NOT_PACKED: dict[str, Any] = {
    "packer": "",
    "packing_since": None,
    "pickup_ready_at": None,
}


@transaction.atomic
def release(order: Order, actor: str) -> bool:
    """Record that the goods are packed, so that the card may be charged.

    Return False if it was recorded before. Raises IllegalMove.
    """
    rows = Order.objects.filter(pk=order.pk)
    if rows.filter(status=Order.Status.PENDING, ready_at=None).update(ready_at=Now()):
        show(order, ready_at=Now())
        record_event(order.pk, OrderEvent.Name.ORDER_RELEASED, actor=actor)
        return True
    if rows.filter(ready_at__isnull=False).exists():
        return False
    raise IllegalMove(order, "ready to be shipped")


@transaction.atomic
def ship(
    order: Order,
    *,
    carrier: str,
    tracking_number: str,
    actor: str,
    items: Sequence[Units] | None = None,
    uid: uuid.UUID | None = None,
) -> Parcel | None:
    """Record that a parcel left, with ``items`` or with everything that is left.

    With the last unit the shipment is dispatched and the order shipped. What is picked
    up is delivered with it: the customer has it in hand. Return None if
    the parcel ``uid`` left before, or nothing is left because the last parcel did;
    nothing changes then. Raises IllegalMove, NothingDue, NotDue or FormOfAnother.
    """
    # Locked, so that a form sent twice at once finds the parcel of the first.
    shipment = Shipment.objects.select_for_update().filter(order=order).first()
    if shipment is None:
        raise IllegalMove(order, Shipment.Status.DISPATCHED)
    if uid and made_by_form(Parcel.objects.all(), uid, shipment_id=shipment.pk):
        return None
    if shipment.status == Shipment.Status.DISPATCHED:
        return None
    claimed = Shipment.objects.filter(
        pk=shipment.pk, status=Shipment.Status.REQUESTED
    ).update(parcel_count=F("parcel_count") + 1, **_NOT_PACKED)
    if not claimed:
        raise IllegalMove(order, Shipment.Status.DISPATCHED)
    contents = due(order) if items is None else _positive(items)
    if not contents:
        raise NothingDue(order.number)
    parcel = Parcel.objects.create(
        uid=uid or uuid.uuid4(),
        shipment=shipment,
        number=shipment.parcel_count + 1,
        carrier=carrier,
        tracking_number=tracking_number,
        dispatched_at=Now(),
        delivered_at=Now() if order.is_pickup else None,
    )
    _fill(parcel, contents)
    label = {"carrier": carrier, "tracking_number": tracking_number, "actor": actor}
    record_event(
        order.pk,
        OrderEvent.Name.PICKED_UP
        if order.is_pickup
        else OrderEvent.Name.PARCEL_DISPATCHED,
        key=str(parcel.number),
        parcel=parcel.number,
        units=by_sku(contents),
        **label,
    )
    finish(order, **label)
    return parcel


@transaction.atomic
def finish(order: Order, **data: str) -> bool:
    """Record the shipment as dispatched if parcels left and nothing more is due.

    Return whether it was recorded now. ``data`` is kept with the event.
    """
    # Locked before what is due is read: of two at once the second reads it all.
    rows = Shipment.objects.select_for_update().filter(
        order=order, status=Shipment.Status.REQUESTED, parcel_count__gt=0
    )
    if not rows.exists() or due(order):
        return False
    if not _move_shipment(order, Shipment.Status.DISPATCHED, dispatched_at=Now()):
        return False
    move_order(order, Order.Status.SHIPPED)
    record_event(order.pk, OrderEvent.Name.SHIPMENT_DISPATCHED, **data)
    return True


@transaction.atomic
def deliver(parcel: Parcel, at: Time, **data: str) -> bool:
    """Record that a parcel was delivered. Return False if it was before."""
    rows = Parcel.objects.filter(pk=parcel.pk, delivered_at=None)
    if not rows.update(delivered_at=at):
        return False
    show(parcel, delivered_at=at)
    record_event(
        parcel.order.pk,
        OrderEvent.Name.PARCEL_DELIVERED,
        key=str(parcel.number),
        parcel=parcel.number,
        **data,
    )
    return True


@transaction.atomic
def start_packing(order: Order, actor: str, *, take_over: bool = False) -> bool:
    """Claim the order for one packer. Return False if it is the packer's already.

    A claim that has expired is free, also for the packer who has it. ``take_over``
    takes it from another packer before. Raises BeingPacked, or IllegalMove if it does
    not wait to be packed.
    """
    waiting = Shipment.objects.filter(order=order, status=Shipment.Status.REQUESTED)
    free = (
        waiting.exclude(packer=actor) if take_over else waiting.filter(is_not_packed())
    )
    if free.update(packer=actor, packing_since=Now()):
        return True
    shipment = waiting.first()
    if shipment is None:
        raise IllegalMove(order, "packed")
    if shipment.packer == actor:
        return False
    raise BeingPacked(order.number, shipment)


def stop_packing(order: Order, actor: str) -> bool:
    """Give the claim back. Return False if the packer does not have it."""
    mine = Shipment.objects.filter(order=order, packer=actor)
    return bool(mine.update(packer="", packing_since=None))


def hold_back(order: Order) -> bool:
    """Hold the parcel back: goods are missing. Return False if it was before."""
    return _move_shipment(order, Shipment.Status.HELD_BACK)


def send_on(order: Order) -> bool:
    """Release a parcel that was held back."""
    return _move_shipment(order, Shipment.Status.REQUESTED)


def call_off(order: Order, reason: Order.CancelReason, actor: str) -> bool:
    """Record that nothing will be sent, and cancel the order.

    A request to cancel that nobody has decided is settled with it, by ``actor``. Return
    False if it was called off before. Raises IllegalMove if a parcel left already.
    """
    moved = _move_shipment(order, Shipment.Status.CALLED_OFF, unless_sent=True)
    if moved:
        cancel_unsent(order, reason)
        settle_with_order(order, actor)
    return moved


def _fill(parcel: Parcel, contents: Sequence[Units]) -> None:
    """Store what is in the parcel and count it as shipped. Raises NotDue."""
    for units in sorted(contents, key=in_order):
        _count_shipped(units)
    ParcelLine.objects.bulk_create(
        ParcelLine(
            parcel=parcel,
            line=units.line,
            substitute=units.substitute,
            quantity=units.quantity,
        )
        for units in contents
    )


def _count_shipped(units: Units) -> None:
    """Raise the counter by a guarded update: never more than is due."""
    goods: OrderLine | Substitute = units.goods
    counted = (
        type(goods)
        .objects.filter(still_due(units.quantity), pk=goods.pk)
        .update(shipped=F("shipped") + units.quantity)
    )
    if not counted:
        goods.refresh_from_db()
        raise NotDue(goods.sku, goods.due)


def _positive(items: Sequence[Units]) -> list[Units]:
    return [units for units in items if units.quantity > 0]


def _move_shipment(
    order: Order, to: Shipment.Status, *, unless_sent: bool = False, **fields: Any
) -> bool:
    rows = Shipment.objects.filter(order=order)
    allowed = rows.filter(status__in=_SHIPMENT_MOVES[to])
    if unless_sent:
        allowed = allowed.filter(parcel_count=0)
    if allowed.update(status=to, **_NOT_PACKED, **fields):
        return True
    if rows.filter(status=to).exists():
        return False
    raise IllegalMove(order, to)
