"""The only writer of an order's status."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from orders.errors import IllegalMove
from orders.models import (
    Order,
    OrderEvent,
    Shipment,
)
from orders.transitions.events import record_event, record_events, show

_ORDER_MOVES = {
    Order.Status.CONFIRMED: [Order.Status.PENDING],
    Order.Status.SHIPPED: [Order.Status.CONFIRMED],
    Order.Status.CANCELLED: [Order.Status.PENDING],
}


@transaction.atomic(savepoint=False)
def confirm(order: Order) -> bool:
    """Confirm the order and request its shipment. Return False if it was before."""
    moved = move_order(order, Order.Status.CONFIRMED, confirmed_at=timezone.now())
    if moved:
        Shipment.objects.create(order=order)
        names = (OrderEvent.Name.ORDER_CONFIRMED, OrderEvent.Name.SHIPMENT_REQUESTED)
        record_events([OrderEvent(order_id=order.pk, name=name) for name in names])
    return moved


@transaction.atomic
def cancel(order: Order, reason: Order.CancelReason) -> bool:
    """Cancel an order that was not charged. Return False if it was before."""
    moved = move_order(
        order,
        Order.Status.CANCELLED,
        cancelled_at=timezone.now(),
        cancel_reason=reason,
    )
    if moved:
        record_event(order.pk, OrderEvent.Name.ORDER_CANCELLED, reason=reason)
    return moved


def move_order(order: Order, to: Order.Status, **fields: Any) -> bool:
    """Move the order. Return False if it is there already. Raises IllegalMove."""
    rows = Order.objects.filter(pk=order.pk)
    if rows.filter(status__in=_ORDER_MOVES[to]).update(status=to, **fields):
        show(order, status=to, **fields)
        return True
    if rows.filter(status=to).exists():
        return False
    raise IllegalMove(order, to)
