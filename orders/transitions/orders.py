"""The only writer of an order's status."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from orders.errors import IllegalMove
from orders.models import (
    Order,
    OrderEvent,
    Shipment,
)
from orders.transitions.events import record_event, record_events, show
from shop.database_clock import Now

_ORDER_MOVES = {
    Order.Status.CONFIRMED: [Order.Status.PENDING],
    Order.Status.SHIPPED: [Order.Status.CONFIRMED],
    Order.Status.CANCELLED: [Order.Status.PENDING],
}
# Only where the shipment was called off: the goods of no other order are on the shelf.
_UNSENT = [Order.Status.CONFIRMED]


@transaction.atomic(savepoint=False)
def confirm(order: Order) -> bool:
    """Confirm the order and request its shipment. Return False if it was before."""
    moved = move_order(order, Order.Status.CONFIRMED, confirmed_at=Now())
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
        cancelled_at=Now(),
        cancel_reason=reason,
    )
    if moved:
        record_event(order.pk, OrderEvent.Name.ORDER_CANCELLED, reason=reason)
    return moved


def cancel_unsent(order: Order, reason: Order.CancelReason) -> None:
    """Cancel a confirmed order whose shipment was called off in this transaction.

    Its charge may be left: then a person refunds it. Raises IllegalMove.
    """
    move_order(
        order,
        Order.Status.CANCELLED,
        _UNSENT,
        cancelled_at=Now(),
        cancel_reason=reason,
    )
    record_event(order.pk, OrderEvent.Name.ORDER_CANCELLED, reason=reason)


def move_order(
    order: Order,
    to: Order.Status,
    allowed: Sequence[Order.Status] = (),
    **fields: Any,
) -> bool:
    """Move the order. Return False if it is there already. Raises IllegalMove.

    ``allowed`` are the statuses from which it may move, if not the usual ones.
    """
    rows = Order.objects.filter(pk=order.pk)
    start = allowed or _ORDER_MOVES[to]
    if rows.filter(status__in=start).update(status=to, **fields):
        show(order, status=to, **fields)
        return True
    if rows.filter(status=to).exists():
        return False
    raise IllegalMove(order, to)
