"""An order that its customer picks up lies ready, until it is handed over."""

from django.db import transaction

from orders.errors import IllegalMove
from orders.models import Order, OrderEvent, Shipment
from orders.transitions.events import record_event
from shop.database_clock import Now


@transaction.atomic
def make_ready(order: Order, actor: str) -> int:
    """Record that the goods lie ready at their place, and are packed by nobody.

    Return how often that was recorded, this time included: goods found missing, and a
    part that was handed over, end it. Return 0 if it lay ready before. Raises
    IllegalMove.
    """
    waiting = Shipment.objects.filter(order=order, status=Shipment.Status.REQUESTED)
    if not order.is_pickup or not waiting.exists():
        raise IllegalMove(order, "ready to be picked up")
    ready = {"pickup_ready_at": Now(), "packer": "", "packing_since": None}
    if not waiting.filter(pickup_ready_at=None).update(**ready):
        return 0
    name = OrderEvent.Name.PICKUP_READY
    times = order.events.filter(name=name).count() + 1
    record_event(order.pk, name, key=str(times), actor=actor)
    return times
