"""The history of orders as events."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import translation

from events.types import COUNT, TEXT, EventType, Happening, Schema, Source
from orders.models import Order, OrderEvent

Name = OrderEvent.Name

# Others are called by their name, with a dot in place of the first underscore.
_CALLED = {
    Name.VOUCHER_ISSUED: "payment.voucher_issued",
    Name.PICKED_UP: "pickup.collected",
    Name.CONFIRMATION_SENT: "order.confirmation_sent",
    Name.GOODS_RETURNED: "order.goods_returned",
    Name.GOODS_MISSING: "shortage.reported",
    Name.CUSTOMER_ASKED: "shortage.customer_asked",
    Name.GOODS_ARRIVED: "shortage.goods_arrived",
    Name.PROMISE_DROPPED: "shortage.refund_dropped",
    Name.RECIPIENT_CORRECTED: "order.recipient_corrected",
    Name.TRACKING_CORRECTED: "shipment.tracking_corrected",
}
_LINE: Schema = {
    "type": "object",
    "properties": {
        "sku": TEXT,
        "quantity": COUNT,
        "unit": COUNT,
        "tax_rate": COUNT,
    },
}
# Of what the history keeps, only this goes out: reasons that people typed and the names
# of staff stay inside.
_KEPT: dict[str, dict[str, Schema]] = {
    Name.PAYMENT_DECLINED: {"code": TEXT},
    Name.PAYMENT_CAPTURED: {"amount": COUNT},
    Name.PARCEL_DISPATCHED: {"parcel": COUNT},
    Name.PARCEL_DELIVERED: {"parcel": COUNT},
    Name.PICKED_UP: {"parcel": COUNT},
    Name.ORDER_CANCELLED: {"reason": TEXT},
    Name.REFUND_REQUESTED: {"amount": COUNT},
    Name.REFUND_FOUND: {"amount": COUNT},
    Name.REFUND_SUCCEEDED: {"amount": COUNT},
    Name.REFUND_FAILED: {"amount": COUNT},
    Name.DISPUTE_OPENED: {"amount": COUNT, "reason": TEXT},
    Name.DISPUTE_CLOSED: {"outcome": TEXT},
    Name.RECIPIENT_CORRECTED: {"fields": {"type": "array", "items": TEXT}},
    Name.TRACKING_CORRECTED: {"fields": {"type": "array", "items": TEXT}},
}
_ALWAYS: dict[str, Schema] = {"order": TEXT, "currency": TEXT}
_PLACED: dict[str, Schema] = {
    "total": COUNT,
    "shipping": COUNT,
    "lines": {"type": "array", "items": _LINE},
}


def type_of(name: Name) -> str:
    """Return the type of the event, such as ``order.placed``."""
    return _CALLED.get(name) or str(name.value).replace("_", ".", 1)


def _described(name: Name) -> EventType:
    is_placed = name is Name.ORDER_PLACED
    return EventType(
        type_of(name),
        str(name.label),
        fields=_ALWAYS | (_PLACED if is_placed else {}),
        optional=_KEPT.get(name, {}),
    )


def read(keys: Sequence[int]) -> Mapping[int, Happening]:
    """Return what these rows of the history say."""
    rows = OrderEvent.objects.filter(pk__in=keys).select_related("order")
    found = list(rows.prefetch_related("order__lines"))
    return {row.pk: _said(row) for row in found}


def _said(row: OrderEvent) -> Happening:
    name, order = Name(row.name), row.order
    kept = {key: row.data[key] for key in _KEPT.get(name, {}) if key in row.data}
    data: dict[str, Any] = {"order": order.number, "currency": order.currency, **kept}
    if name is Name.ORDER_PLACED:
        data |= _placed(order)
    return Happening(
        type=type_of(name),
        subject=f"order/{order.number}",
        occurred_at=row.created_at,
        correlation=order.number,
        data=data,
    )


def _placed(order: Order) -> dict[str, Any]:
    return {
        "total": order.total_minor,
        "shipping": order.shipping_minor,
        "lines": [
            {
                "sku": line.sku,
                "quantity": line.quantity,
                "unit": line.unit_minor,
                "tax_rate": line.tax_rate,
            }
            for line in order.lines.all()
        ],
    }


def source() -> Source:
    with translation.override("en"):
        return Source("order", read, tuple(_described(name) for name in Name))
