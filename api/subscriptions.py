"""Subscriptions: fields that are asked again whenever what they show has changed.

A subscription's field is resolved like a query's: it says how things are now. The first
time it also tells the request's context what it watches (``Watched``). The transport
(api/streams.py) has the document executed again when the feed says that it changed.
"""

import enum
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from django.db.models import Count

from api.context import Info
from api.types.progress import OrderProgress, progress_of
from api.watched import Kind, Watched
from checkout.status import progress
from checkout.status.changes import marks_of
from inventory.selectors import free_by_sku
from orders import models
from shop.catalogue.models import Variant

_Name = models.OrderEvent.Name


@strawberry.enum(description="What happened to an order.")
class Happening(enum.Enum):
    ORDER_PLACED = _Name.ORDER_PLACED.value
    PAYMENT_AUTHORIZED = _Name.PAYMENT_AUTHORIZED.value
    VOUCHER_ISSUED = _Name.VOUCHER_ISSUED.value
    PAYMENT_DECLINED = _Name.PAYMENT_DECLINED.value
    PAYMENT_CAPTURED = _Name.PAYMENT_CAPTURED.value
    PAYMENT_CANCELLED = _Name.PAYMENT_CANCELLED.value
    ORDER_CONFIRMED = _Name.ORDER_CONFIRMED.value
    CONFIRMATION_SENT = _Name.CONFIRMATION_SENT.value
    SHIPMENT_REQUESTED = _Name.SHIPMENT_REQUESTED.value
    PARCEL_DISPATCHED = _Name.PARCEL_DISPATCHED.value
    PARCEL_DELIVERED = _Name.PARCEL_DELIVERED.value
    SHIPMENT_DISPATCHED = _Name.SHIPMENT_DISPATCHED.value
    PICKUP_READY = _Name.PICKUP_READY.value
    PICKED_UP = _Name.PICKED_UP.value
    CANCELLATION_REQUESTED = _Name.CANCELLATION_REQUESTED.value
    CANCELLATION_ACCEPTED = _Name.CANCELLATION_ACCEPTED.value
    CANCELLATION_DECLINED = _Name.CANCELLATION_DECLINED.value
    ORDER_CANCELLED = _Name.ORDER_CANCELLED.value
    REFUND_SUCCEEDED = _Name.REFUND_SUCCEEDED.value
    RETURN_REQUESTED = _Name.RETURN_REQUESTED.value
    RETURN_APPROVED = _Name.RETURN_APPROVED.value
    RETURN_REFUSED = _Name.RETURN_REFUSED.value
    RETURN_RECEIVED = _Name.RETURN_RECEIVED.value
    RETURN_CLOSED = _Name.RETURN_CLOSED.value


# The rest of the history is the staff's.
_PUBLIC = {each.value for each in Happening}


@strawberry.type(description="A step that was taken.")
class OrderStepTaken:
    sequence: int = strawberry.field(description="Counts from 1 within the order.")
    happening: Happening
    at: datetime


@strawberry.type(description="How an order is now, and what happened since.")
class OrderStatus:
    sequence: int = strawberry.field(
        description="Send it as `after` when the line was lost."
    )
    steps: list[OrderStepTaken] = strawberry.field(
        description="Those after `after`, or since the last message."
    )
    progress: OrderProgress


@strawberry.type
class ProductStock:
    sku: str
    free: int = strawberry.field(description="Units that can be bought now.")


@strawberry.type
class Subscription:
    @strawberry.field(
        description="A message for each change of the order; null: there is no such "
        "order. It completes with `progress.isFinal`: parcels and returns come later, "
        "and are told as `steps` to who subscribes again."
    )
    def order_status(self, info: Info, uid: UUID, after: int = 0) -> OrderStatus | None:
        before, info.context.watched = info.context.watched, None
        order = models.Order.objects.filter(uid=uid).first()
        if order is None:
            return None
        after = before.sequence if before else max(after, info.context.resumed_after)
        # Read first: what changes after it changes the mark again.
        mark = read_marks(Kind.ORDER, [order.pk]).get(order.pk)
        now = progress.progress_of(order)
        taken = _steps_of(order, after)
        sequence = _sequence_of(mark)
        info.context.watched = Watched(
            Kind.ORDER, order.pk, mark, sequence, is_final=now.is_final
        )
        return OrderStatus(sequence=sequence, steps=taken, progress=progress_of(now))

    @strawberry.field(
        description="A message whenever another number of units can be bought; null: "
        "there is no such variant on sale."
    )
    def product_stock(self, info: Info, sku: str) -> ProductStock | None:
        info.context.watched = None
        if not Variant.objects.on_sale().filter(sku=sku).exists():
            return None
        free = free_by_sku([sku]).get(sku, 0)
        info.context.watched = Watched(Kind.STOCK, sku, free)
        return ProductStock(sku=sku, free=max(0, free))


def read_marks(kind: Kind, keys: "Sequence[int | str]") -> dict[int | str, object]:
    """Return key -> a mark that changes whenever what is shown may. Two statements."""
    if kind is Kind.STOCK:
        free = free_by_sku([str(key) for key in keys])
        return {key: free.get(str(key), 0) for key in keys}
    orders = [key for key in keys if isinstance(key, int)]
    rows = models.OrderEvent.objects.filter(order__in=orders).order_by()
    counts = dict(rows.values_list("order").annotate(count=Count("pk")))
    return {key: (counts.get(key, 0), mark) for key, mark in marks_of(orders).items()}


def _sequence_of(mark: object) -> int:
    return int(mark[0]) if isinstance(mark, tuple) else 0


def _steps_of(order: models.Order, after: int) -> list[OrderStepTaken]:
    return list(_numbered(order, max(0, after)))


def _numbered(order: models.Order, after: int) -> Iterator[OrderStepTaken]:
    rows = models.OrderEvent.objects.filter(order=order).order_by("pk")
    for number, (name, at) in enumerate(rows.values_list("name", "created_at"), 1):
        if number > after and name in _PUBLIC:
            yield OrderStepTaken(sequence=number, happening=Happening(name), at=at)
