"""What a claimed shipping saga asks the warehouse, and the row of what it said."""

from checkout.aftersales.warehouse import reports
from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import (
    NotFound,
    ShippingOrder,
    Status,
    get_warehouse,
)
from checkout.aftersales.warehouse.shipping.consignments import (
    Consignment,
    recipient_of,
    service_of,
    stored_items,
)
from checkout.aftersales.warehouse.shipping.errors import as_saga_errors
from saga.models import Attempt
from saga.step import Context
from shop.database_clock import Now


def row_of(context: Context) -> WarehouseOrder:
    return WarehouseOrder.objects.named([context.reference]).get()


def ask_again(context: Context, consignment: Consignment) -> Status:
    """Ask for the goods as they are now, in place of what was asked before.

    The new revision is stored first, so that a report about it finds it.
    """
    with context.checkpoint():
        row = reports.lock(consignment.number) or consignment.remember()
        row.revision += 1
        row.items = stored_items(consignment)
        row.standing = WarehouseOrder.Standing.ASKED
        row.asked_at = Now()
        row.save(update_fields=["revision", "items", "standing", "asked_at"])
    return request(consignment, row)


def request(consignment: Consignment, row: WarehouseOrder) -> Status:
    """Send what is stored in ``row`` to the warehouse. Raises the saga's errors."""
    order = consignment.order
    asked = ShippingOrder(
        shipment=consignment.number,
        revision=row.revision,
        items=row.asked_items,
        recipient=recipient_of(order),
        delivery=order.delivery,
        language=order.language,
        service=service_of(consignment),
    )
    with as_saga_errors():
        return get_warehouse().request(asked)


def read_status(consignment: Consignment, row: WarehouseOrder) -> Status:
    """Ask the warehouse where the shipment stands. Raises the saga's errors.

    If it does not know the shipment, or not as it was asked for last, it is asked for
    it once more.
    """
    with as_saga_errors():
        try:
            status = get_warehouse().status(consignment.number)
        except NotFound:
            return request(consignment, row)
    return request(consignment, row) if status.revision < row.revision else status


def is_unanswered(row: WarehouseOrder) -> bool:
    """Return whether no answer came to what was asked last: it is asked once more."""
    return row.standing == WarehouseOrder.Standing.ASKED


def resumed_since(context: Context, row: WarehouseOrder) -> bool:
    """Return whether staff resumed the step after the warehouse spoke last."""
    resumed = (Attempt.Outcome.RESUMED, Attempt.Outcome.EDITED)
    rows = Attempt.objects.filter(
        saga=context.saga, step=context.step.name, outcome__in=resumed
    )
    return rows.filter(started_at__gt=row.heard_at or row.asked_at).exists()
