"""The only writer of new release dates into orders that were placed before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from orders.models import Order, OrderEvent, OrderLine, Shipment
from orders.transitions.events import record_event, show

OPEN = (Order.Status.PENDING, Order.Status.CONFIRMED)


@dataclass(frozen=True)
class Promised:
    """The days that an order promises; None: none."""

    not_before: date | None
    ship_by: date | None = None
    promised_from: date | None = None
    promised_until: date | None = None
    delivery_on: date | None = None


@transaction.atomic
def move_release(
    order: Order, dates: Mapping[int, date | None], promised: Promised
) -> int:
    """Write the release dates of lines (key -> date; None: it can be sent at once).

    ``promised`` are the days that follow from them. Return how often it was
    moved by now; 0, and nothing was changed, if something of the order has left, the
    order is over, or another process has written the same just now.
    """
    # Locked as by a parcel that leaves: it has either the old or the new dates.
    shipment = Shipment.objects.select_for_update().filter(order=order).first()
    if shipment is not None and shipment.parcel_count:
        return 0
    rows = Order.objects.filter(pk=order.pk, status__in=OPEN)
    if not rows.update(
        not_before=promised.not_before,
        ship_by=promised.ship_by,
        promised_from=promised.promised_from,
        promised_until=promised.promised_until,
        delivery_on=promised.delivery_on,
    ):
        return 0
    # The update above has locked the order: who comes second finds the lines moved.
    lines = OrderLine.objects.filter(order=order)
    if not sum(
        lines.filter(pk=key).exclude(release_on=day).update(release_on=day)
        for key, day in dates.items()
    ):
        return 0
    show(order, **vars(promised))
    moved = promised.not_before
    name = OrderEvent.Name.RELEASE_MOVED
    times = order.events.filter(name=name).count() + 1
    data = {"not_before": moved.isoformat() if moved else ""}
    record_event(order.pk, name, key=str(times), **data)
    return times
