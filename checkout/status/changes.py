"""What an order's progress is made of, read for many orders with one query."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, JSONObject

from checkout.status.names import CHECKOUT_NAME
from orders.models import Cancellation, Order, PaymentAttempt
from saga.models import Saga

# What a progress's version depends on, by table.
ORDER = ("status", "ready_at")
SHIPMENT = ("status", "parcel_count")
CANCELLATION = ("status",)
PAYMENT = ("status", "capture", "captured_minor", "refunded_minor", "disputed_minor")
ATTEMPT = ("number", "outcome")
SAGA = (
    "definition",
    "state",
    "direction",
    "step",
    "waiting_for",
    "reason",
    "pivot_at",
    "error_kind",
    "error",
)

Mark = tuple[object, ...]


def marks_of(orders: Collection[int]) -> dict[int, Mark]:
    """Return order's key -> a mark that changes whenever the version of progress may.

    Orders that do not exist are left out.
    """
    saga = Saga.objects.filter(
        definition=CHECKOUT_NAME, reference=OuterRef("number"), branch=""
    )
    attempt = PaymentAttempt.objects.filter(payment__order=OuterRef("pk"))
    wish = Cancellation.objects.filter(order=OuterRef("pk"))
    rows = Order.objects.filter(pk__in=orders).values_list(
        "pk",
        *ORDER,
        *(f"payment__{name}" for name in PAYMENT),
        *(f"shipment__{name}" for name in SHIPMENT),
        _text_of(saga.order_by(), SAGA),
        _text_of(attempt.order_by("-number")[:1], ATTEMPT),
        _text_of(wish.order_by("-pk")[:1], CANCELLATION),
    )
    return {row[0]: row[1:] for row in rows}


def _text_of(rows: QuerySet[Any], names: Iterable[str]) -> Subquery:
    values = JSONObject(**{name: name for name in names})
    return Subquery(rows.values(text=Cast(values, TextField())))
