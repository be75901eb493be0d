"""The history of orders as events."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils import translation

from events.types import COUNT, TEXT, EventType, Happening, Schema, Source
from orders.models import Order, OrderEvent, Refund
from orders.rates import tax_country

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
    Name.RELEASE_MOVED: "order.release_moved",
    Name.TRACKING_CORRECTED: "shipment.tracking_corrected",
}
_LINE: Schema = {
    "type": "object",
    "properties": {
        "sku": TEXT,
        "quantity": COUNT,
        "unit": COUNT,
        "discount": COUNT,
        "tax_rate": COUNT,
    },
}
_RATE: Schema = {
    "type": "object",
    "properties": {"rate": COUNT, "gross": COUNT, "tax": COUNT},
}
_UNITS: Schema = {
    "type": "object",
    "properties": {"sku": TEXT, "quantity": COUNT, "paid": COUNT, "tax_rate": COUNT},
}
_TIME: Schema = {"type": "string", "format": "date-time"}
# Of what the history keeps, only this goes out: reasons that people typed and the names
# of staff stay inside.
_KEPT: dict[str, dict[str, Schema]] = {
    Name.PAYMENT_DECLINED: {"code": TEXT},
    Name.PARCEL_DISPATCHED: {"parcel": COUNT},
    Name.PARCEL_DELIVERED: {"parcel": COUNT},
    Name.PICKED_UP: {"parcel": COUNT},
    Name.ORDER_CANCELLED: {"reason": TEXT},
    Name.DISPUTE_OPENED: {"amount": COUNT, "reason": TEXT},
    Name.DISPUTE_CLOSED: {"outcome": TEXT},
    Name.RECIPIENT_CORRECTED: {"fields": {"type": "array", "items": TEXT}},
    Name.RELEASE_MOVED: {"not_before": TEXT},
    Name.TRACKING_CORRECTED: {"fields": {"type": "array", "items": TEXT}},
}
_ALWAYS: dict[str, Schema] = {"order": TEXT, "currency": TEXT}
_LINES: Schema = {"type": "array", "items": _LINE}
# What the rows beside the history say of it. ``taxes``: the whole order by rate, with
# shipping, less discounts. ``lines`` of a refund: the units that it names.
_PLACED: dict[str, Schema] = {
    "total": COUNT,
    "shipping": COUNT,
    "discount": COUNT,
    "lines": _LINES,
}
_CAPTURED: dict[str, Schema] = {
    "amount": COUNT,
    "at": _TIME,
    "shipping": COUNT,
    "taxes": {"type": "array", "items": _RATE},
    "lines": _LINES,
}
_REFUND: dict[str, Schema] = {"refund": TEXT, "amount": COUNT}
_MADE: dict[str, Schema] = {"lines": {"type": "array", "items": _UNITS}}
_FULL: dict[str, dict[str, Schema]] = {
    Name.ORDER_PLACED: _PLACED,
    Name.PAYMENT_CAPTURED: _CAPTURED,
    Name.REFUND_REQUESTED: _REFUND,
    Name.REFUND_FOUND: _REFUND | _MADE,
    Name.REFUND_SUCCEEDED: _REFUND | _MADE | {"at": _TIME},
    Name.REFUND_FAILED: _REFUND,
}
# Of a refund that Stripe has, and that the bank may not have made yet, no time. Events
# of before the shop collected taxes of other countries do not say whose tax it is.
_PERHAPS: dict[str, dict[str, Schema]] = {
    Name.REFUND_FOUND: {"at": _TIME},
    Name.PAYMENT_CAPTURED: {"tax_country": TEXT},
}
_REFUNDS = frozenset(
    {
        Name.REFUND_REQUESTED,
        Name.REFUND_FOUND,
        Name.REFUND_SUCCEEDED,
        Name.REFUND_FAILED,
    }
)
# Version 2 says all that the books need, so that nobody has to look at the tables.
_VERSIONS = dict.fromkeys([Name.ORDER_PLACED, Name.PAYMENT_CAPTURED, *_REFUNDS], 2)


def type_of(name: Name) -> str:
    """Return the type of the event, such as ``order.placed``."""
    return _CALLED.get(name) or str(name.value).replace("_", ".", 1)


def _described(name: Name) -> EventType:
    return EventType(
        type_of(name),
        str(name.label),
        fields=_ALWAYS | _FULL.get(name, {}),
        optional=_KEPT.get(name, {}) | _PERHAPS.get(name, {}),
        version=_VERSIONS.get(name, 1),
    )


def read(keys: Sequence[int]) -> Mapping[int, Happening]:
    """Return what these rows of the history say."""
    rows = OrderEvent.objects.filter(pk__in=keys).select_related("order__payment")
    found = list(rows.prefetch_related("order__lines"))
    refunds = _refunds(found)
    return {row.pk: _said(row, refunds.get(row.key)) for row in found}


def _refunds(rows: Iterable[OrderEvent]) -> dict[str, Refund]:
    """Return key -> refund of those rows that are about one."""
    keys = {row.key for row in rows if row.name in _REFUNDS and row.key.isdecimal()}
    if not keys:
        return {}
    found = Refund.objects.filter(pk__in=keys).prefetch_related("lines__line")
    return {str(refund.pk): refund for refund in found}


def _said(row: OrderEvent, refund: Refund | None) -> Happening:
    name, order = Name(row.name), row.order
    kept = {key: row.data[key] for key in _KEPT.get(name, {}) if key in row.data}
    data: dict[str, Any] = {"order": order.number, "currency": order.currency, **kept}
    if name is Name.ORDER_PLACED:
        data |= _placed(order)
    elif name is Name.PAYMENT_CAPTURED:
        data |= _captured(row)
    elif name in _REFUNDS:
        data |= {"refund": row.key, "amount": row.data.get("amount", 0)}
        if "lines" in _FULL[name]:
            data |= _made(row, refund)
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
        "discount": order.discount_minor,
        "lines": _lines(order),
    }


def _captured(row: OrderEvent) -> dict[str, Any]:
    order, payment = row.order, row.order.payment
    return {
        "amount": row.data.get("amount", payment.captured_minor),
        "at": _time(payment.captured_at or row.created_at),
        "shipping": order.shipping_minor,
        "taxes": [
            {name: part[name] for name in ("rate", "gross", "tax")}
            for part in order.tax
        ],
        "tax_country": tax_country(order.tax),
        "lines": _lines(order),
    }


def _lines(order: Order) -> list[dict[str, Any]]:
    return [
        {
            "sku": line.sku,
            "quantity": line.quantity,
            "unit": line.unit_minor,
            "discount": line.discount_minor,
            "tax_rate": line.tax_rate,
        }
        for line in order.lines.all()
    ]


def _made(row: OrderEvent, refund: Refund | None) -> dict[str, Any]:
    """Return when the refund was made, if it was, and the units that it names."""
    if refund is None:
        return {"lines": [], "at": _time(row.created_at)}
    made: dict[str, Any] = {
        "lines": [
            {
                "sku": item.line.sku,
                "quantity": item.quantity,
                "paid": item.paid_minor,
                "tax_rate": item.line.tax_rate,
            }
            for item in refund.lines.all()
        ]
    }
    at = refund.succeeded_at
    if at is None and row.name == Name.REFUND_SUCCEEDED:
        at = row.created_at
    return made | ({"at": _time(at)} if at else {})


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def source() -> Source:
    with translation.override("en"):
        types = tuple(_described(name) for name in Name)
    return Source("order", read, types, keys)


def keys(after: int, most: int) -> list[int]:
    """Return the keys of the history's rows after that one, at most so many."""
    rows = OrderEvent.objects.filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:most])
