"""The only writer of corrections: of recipients until hand-over, of tracking always.

A correction says what it found. It is made only if that is still there, so two people
at once do not overwrite each other.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from orders.errors import CorrectedMeanwhile, TooLateToCorrect
from orders.models import (
    Exchange,
    Order,
    OrderChange,
    OrderEvent,
    Parcel,
    Return,
    Shipment,
)
from orders.transitions.events import record_event, show
from orders.transitions.forms import made_by_form
from shop.database_clock import Now

_BEFORE_HAND_OVER = (Shipment.Status.REQUESTED, Shipment.Status.HELD_BACK)
_OPEN = (Order.Status.PENDING, Order.Status.CONFIRMED)


@dataclass(frozen=True)
class Correction:
    """Changed fields with the values found and wanted; by whom, and why."""

    uid: uuid.UUID
    before: Mapping[str, str]
    after: Mapping[str, str]
    actor: str
    reason: str


def is_correctable(order: Order) -> bool:
    """Return whether something of the order may still be handed over."""
    shipment = Shipment.objects.filter(order=order).first()
    is_here = shipment is None or shipment.status in _BEFORE_HAND_OVER
    return (order.status in _OPEN and is_here) or _waits(order)


@transaction.atomic
def correct_recipient(order: Order, correction: Correction) -> bool:
    """Change the recipient. Return False if this correction was made before.

    Raises TooLateToCorrect if the last parcel left or the order was cancelled, and
    CorrectedMeanwhile.
    """
    # Locked as by a parcel that leaves: it has either the old or the new address.
    Shipment.objects.select_for_update().filter(order=order).first()
    list(Return.objects.select_for_update().to_send().filter(order=order))
    if _is_made(order, correction):
        return False
    order.refresh_from_db(fields=["status"])
    if not is_correctable(order):
        raise TooLateToCorrect(order)
    # An exchange is sent for an order that was shipped.
    rows = Order.objects.filter(pk=order.pk, status__in=[*_OPEN, order.status])
    if not _write(order, order, rows, correction):
        return False
    _record(order, OrderEvent.Name.RECIPIENT_CORRECTED, correction)
    return True


@transaction.atomic
def correct_tracking(order: Order, parcel: Parcel, correction: Correction) -> bool:
    """Change carrier or tracking number. Return False if it was made before.

    Raises CorrectedMeanwhile.
    """
    if _is_made(order, correction):
        return False
    if not _write(order, parcel, Parcel.objects.filter(pk=parcel.pk), correction):
        return False
    _record(order, OrderEvent.Name.TRACKING_CORRECTED, correction, parcel)
    return True


def _waits(order: Order) -> bool:
    """Return whether an exchange of the order is to be sent."""
    return Exchange.objects.to_send().filter(returned__order=order).exists()


def _write(
    order: Order,
    row: Order | Parcel,
    rows: models.QuerySet[Any],
    correction: Correction,
) -> bool:
    """Update the row if it is as it was found. Raises CorrectedMeanwhile."""
    if rows.filter(**correction.before).update(**correction.after):
        show(row, **correction.after)
        return True
    # Sent twice at once: the second waited for the first.
    if _is_made(order, correction):
        return False
    raise CorrectedMeanwhile(row)


def _is_made(order: Order, correction: Correction) -> bool:
    made = made_by_form(OrderChange.objects.all(), correction.uid, order_id=order.pk)
    return made is not None


def _record(
    order: Order,
    name: OrderEvent.Name,
    correction: Correction,
    parcel: Parcel | None = None,
) -> None:
    OrderChange.objects.create(
        uid=correction.uid,
        order=order,
        parcel=parcel,
        before=dict(correction.before),
        after=dict(correction.after),
        actor=correction.actor,
        reason=correction.reason,
        created_at=Now(),
    )
    data = {"parcel": parcel.number} if parcel else {}
    exchange = parcel.exchange if parcel else None
    more = {"exchange": exchange.number} if exchange else {}
    record_event(
        order.pk,
        name,
        key=str(correction.uid),
        fields=sorted(correction.after),
        actor=correction.actor,
        reason=correction.reason,
        **data,
        **more,
    )
