"""The shipment of a claimed shipping saga, and its row at the warehouse."""

from dataclasses import asdict

from checkout.aftersales.warehouse import reports
from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import (
    Item,
    NotFound,
    Recipient,
    Service,
    ShippingOrder,
    Status,
    get_warehouse,
)
from checkout.aftersales.warehouse.shipping.errors import as_saga_errors
from orders.models import Order, Shipment
from orders.parcels import by_sku, name_of, parcel
from saga.models import Attempt
from saga.step import Context
from shop.database_clock import Now


def order_of(context: Context) -> Order:
    """Return the order as it is now, with its payment and its shipment."""
    rows = Order.objects.select_related("payment", "shipment")
    return rows.get(number=context.reference)


def row_of(context: Context) -> WarehouseOrder:
    return WarehouseOrder.objects.get(shipment__order__number=context.reference)


def is_over(order: Order) -> bool:
    """Return whether nothing more is to be sent: all has left, or was called off."""
    over = (Shipment.Status.CALLED_OFF, Shipment.Status.DISPATCHED)
    return order.shipment.status in over


def is_called_off(order: Order) -> bool:
    return order.shipment.status == Shipment.Status.CALLED_OFF


def items_of(order: Order) -> list[Item]:
    """Return all that is sent for the order, or was sent already."""
    parts = parcel(order)
    names = {units.goods.sku: name_of(units.goods) for units in parts}
    return [Item(sku, count, names[sku]) for sku, count in by_sku(parts).items()]


def recipient_of(order: Order) -> Recipient:
    return Recipient(
        name=order.name,
        phone=order.phone,
        postcode=order.postcode,
        prefecture=order.prefecture,
        city=order.city,
        street=order.street,
        building=order.building,
    )


def service_of(order: Order) -> Service:
    return Service(
        method=order.shipping_method,
        carrier=order.shipping_carrier,
        ship_by=order.ship_by,
        deliver_on=order.delivery_on,
        slot=order.delivery_slot,
    )


def remember_request(order: Order) -> WarehouseOrder:
    """Store what is asked for, before it is asked. Twice is once."""
    row, _created = WarehouseOrder.objects.get_or_create(
        shipment=order.shipment,
        defaults={"items": [asdict(item) for item in items_of(order)]},
    )
    return row


def ask_again(context: Context, order: Order) -> Status:
    """Ask for the order as it is now, in place of what was asked before.

    The new revision is stored first, so that a report about it finds it.
    """
    with context.checkpoint():
        row = reports.lock(order.number) or remember_request(order)
        row.revision += 1
        row.items = [asdict(item) for item in items_of(order)]
        row.standing = WarehouseOrder.Standing.ASKED
        row.asked_at = Now()
        row.save(update_fields=["revision", "items", "standing", "asked_at"])
    return request(order, row)


def request(order: Order, row: WarehouseOrder) -> Status:
    """Send what is stored in ``row`` to the warehouse. Raises the saga's errors."""
    asked = ShippingOrder(
        shipment=order.number,
        revision=row.revision,
        items=row.asked_items,
        recipient=recipient_of(order),
        delivery=order.delivery,
        language=order.language,
        service=service_of(order),
    )
    with as_saga_errors():
        return get_warehouse().request(asked)


def read_status(order: Order, row: WarehouseOrder) -> Status:
    """Ask the warehouse where the shipment stands. Raises the saga's errors.

    If it does not know the shipment, or not as it was asked for last, it is asked for
    it once more.
    """
    with as_saga_errors():
        try:
            status = get_warehouse().status(order.number)
        except NotFound:
            return request(order, row)
    return request(order, row) if status.revision < row.revision else status


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
