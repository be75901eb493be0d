"""The only writer of a shipment's status."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from orders.errors import IllegalMove
from orders.models import (
    Order,
    OrderEvent,
    Shipment,
)
from orders.transitions.events import record_event, show
from orders.transitions.orders import move_order

_SHIPMENT_MOVES = {
    Shipment.Status.DISPATCHED: [Shipment.Status.REQUESTED],
    # These two alternate: goods are found missing, and arrive.
    Shipment.Status.HELD_BACK: [Shipment.Status.REQUESTED],
    Shipment.Status.REQUESTED: [Shipment.Status.HELD_BACK],
    Shipment.Status.CALLED_OFF: [Shipment.Status.HELD_BACK],
}


@transaction.atomic
def release(order: Order, actor: str) -> bool:
    """Record that the goods are packed, so that the card may be charged.

    Return False if it was recorded before. Raises IllegalMove.
    """
    rows = Order.objects.filter(pk=order.pk)
    now = timezone.now()
    if rows.filter(status=Order.Status.PENDING, ready_at=None).update(ready_at=now):
        show(order, ready_at=now)
        record_event(order.pk, OrderEvent.Name.ORDER_RELEASED, actor=actor)
        return True
    if rows.filter(ready_at__isnull=False).exists():
        return False
    raise IllegalMove(order, "ready to be shipped")


@transaction.atomic
def ship(order: Order, *, carrier: str, tracking_number: str, actor: str) -> bool:
    """Record that the parcel was dispatched.

    Return False if it was recorded before; nothing changes then. Raises IllegalMove.
    """
    moved = _move_shipment(
        order,
        Shipment.Status.DISPATCHED,
        dispatched_at=timezone.now(),
        carrier=carrier,
        tracking_number=tracking_number,
    )
    if moved:
        move_order(order, Order.Status.SHIPPED)
        record_event(
            order.pk,
            OrderEvent.Name.SHIPMENT_DISPATCHED,
            carrier=carrier,
            tracking_number=tracking_number,
            actor=actor,
        )
    return moved


def hold_back(order: Order) -> bool:
    """Hold the parcel back: goods are missing. Return False if it was before."""
    return _move_shipment(order, Shipment.Status.HELD_BACK)


def send_on(order: Order) -> bool:
    """Release a parcel that was held back."""
    return _move_shipment(order, Shipment.Status.REQUESTED)


def call_off(order: Order) -> bool:
    """Record that a parcel that was held back will not be sent."""
    return _move_shipment(order, Shipment.Status.CALLED_OFF)


def _move_shipment(order: Order, to: Shipment.Status, **fields: Any) -> bool:
    rows = Shipment.objects.filter(order=order)
    if rows.filter(status__in=_SHIPMENT_MOVES[to]).update(status=to, **fields):
        return True
    if rows.filter(status=to).exists():
        return False
    raise IllegalMove(order, to)
