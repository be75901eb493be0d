"""The only writer of a refund's status, and of what counts as refunded.

The sums stand in counters beside what they may not exceed, the charge and the line's
quantity: guarded UPDATEs move them and constraints hold them, so two people at once
cannot give back more than was taken. Asking the provider is done elsewhere.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orders.errors import NotCharged, RefundStale, RefundTooLarge, UnitsRefunded
from orders.models import (
    OrderEvent,
    OrderLine,
    Payment,
    Refund,
    RefundLine,
    Shortage,
)
from orders.transitions.events import record_event
from shop.money import Money

# What the provider said last may be older than what is written: a refund that failed
# never succeeds, and one that succeeded is never pending again. It can still fail: a
# bank may send the money back for weeks.
_REQUESTED = [Refund.Status.REQUESTED]
_UNDECIDED = [Refund.Status.REQUESTED, Refund.Status.PENDING]
_SUCCEEDED = [Refund.Status.SUCCEEDED]


@dataclass(frozen=True)
class Item:
    """Units of one line to be refunded; ``restock``: put them back into stock."""

    line: OrderLine
    quantity: int
    restock: bool = False


@dataclass(frozen=True)
class Wish:
    """What a member of staff wants given back, and why.

    ``uid`` is the form's own: sent twice it is one refund. ``seen_minor`` is how much
    counted as refunded when the form was looked at.
    """

    uid: uuid.UUID
    amount_minor: int
    seen_minor: int
    items: Sequence[Item]
    actor: str
    reason: str


@transaction.atomic
def request(payment: Payment, wish: Wish, poll_at: datetime) -> Refund:
    """Write the refund down; nothing is sent. Called twice, it returns the first.

    Raises NotCharged, RefundStale, RefundTooLarge or UnitsRefunded, and then changes
    nothing.
    """
    rows = Refund.objects.filter(uid=wish.uid, payment=payment)
    known = rows.first()
    if known:
        return known
    try:
        _count(payment, wish)
    except RefundStale:
        # The same form, sent twice at the same moment, waited here for its twin.
        known = rows.first()
        if known is None:
            raise
        return known
    refund = Refund.objects.create(
        uid=wish.uid,
        payment=payment,
        amount_minor=wish.amount_minor,
        currency=payment.currency,
        actor=wish.actor,
        reason=wish.reason,
        # What is owed for missing goods is paid first, the oldest of it.
        shortage=Shortage.objects.owing().filter(order=payment.order_id).last(),
        poll_at=poll_at,
        polls=1,
    )
    for item in sorted(wish.items, key=lambda item: item.line.pk):
        _count_units(item)
        RefundLine.objects.create(
            refund=refund,
            line=item.line,
            quantity=item.quantity,
            restock=item.restock,
        )
    _record(refund, OrderEvent.Name.REFUND_REQUESTED, by=wish.actor, reason=wish.reason)
    return refund


@transaction.atomic
def await_bank(refund: Refund, refund_id: str) -> bool:
    """Record that the provider took it on; the bank has not paid yet."""
    return _move(refund, Refund.Status.PENDING, _REQUESTED, refund_id=refund_id)


@transaction.atomic
def succeed(refund: Refund, refund_id: str) -> bool:
    """Record that the money went back."""
    moved = _move(
        refund,
        Refund.Status.SUCCEEDED,
        _UNDECIDED,
        refund_id=refund_id,
        succeeded_at=timezone.now(),
    )
    if moved:
        _record(refund, OrderEvent.Name.REFUND_SUCCEEDED)
    return moved


@transaction.atomic
def fail(refund: Refund, why: str, refund_id: str | None = None) -> bool:
    """Record that the money did not go back, or came back again: it may be given anew.

    Goods that went back into stock when it had succeeded are there, and stay counted.
    """
    fields = {
        "failed_at": timezone.now(),
        "failure": why[:300],
        **({"refund_id": refund_id} if refund_id else {}),
    }
    # In this order: it may succeed between the two, but never go back.
    early = _move(refund, Refund.Status.FAILED, _UNDECIDED, **fields)
    if not early and not _move(refund, Refund.Status.FAILED, _SUCCEEDED, **fields):
        return False
    Payment.objects.filter(pk=refund.payment_id).update(
        refunded_minor=F("refunded_minor") - refund.amount_minor
    )
    for item in refund.lines.order_by("line"):
        never_back = item.quantity if item.restock and early else 0
        OrderLine.objects.filter(pk=item.line_id).update(
            refunded=F("refunded") - item.quantity,
            restocked=F("restocked") - never_back,
        )
    _record(refund, OrderEvent.Name.REFUND_FAILED, why=why[:300])
    return True


def record_returned(refund: Refund, units: dict[str, int]) -> None:
    """Write into the order's history which goods (SKU -> units) went back."""
    _record(refund, OrderEvent.Name.GOODS_RETURNED, units=units)


def _count(payment: Payment, wish: Wish) -> None:
    """Raise the counter; find out why when the guarded update did not."""
    rows = Payment.objects.filter(pk=payment.pk)
    counted = rows.filter(
        status=Payment.Status.CAPTURED,
        refunded_minor=wish.seen_minor,
        captured_minor__gte=F("refunded_minor") + wish.amount_minor,
    ).update(refunded_minor=F("refunded_minor") + wish.amount_minor)
    if counted:
        return
    payment.refresh_from_db()
    if payment.status != Payment.Status.CAPTURED:
        raise NotCharged(payment.order.number)
    if payment.refunded_minor != wish.seen_minor:
        raise RefundStale(payment.order.number)
    wished = Money(wish.amount_minor, payment.currency)
    raise RefundTooLarge(wished, payment.refundable)


def _count_units(item: Item) -> None:
    back = item.quantity if item.restock else 0
    counted = OrderLine.objects.filter(
        pk=item.line.pk,
        quantity__gte=F("refunded") + item.quantity,
        restocked__lte=F("quantity") - back,
    ).update(refunded=F("refunded") + item.quantity, restocked=F("restocked") + back)
    if not counted:
        line = OrderLine.objects.get(pk=item.line.pk)
        raise UnitsRefunded(
            line.sku, line.quantity - line.refunded, line.quantity - line.restocked
        )


def _move(
    refund: Refund, to: Refund.Status, allowed: list[Refund.Status], **fields: Any
) -> bool:
    """Move by one conditional UPDATE; False when it is not where it may move from."""
    rows = Refund.objects.filter(pk=refund.pk, status__in=allowed)
    if not rows.update(status=to, **fields):
        return False
    refund.refresh_from_db()
    return True


def _record(refund: Refund, name: OrderEvent.Name, **data: Any) -> None:
    amount = {"amount": refund.amount_minor}
    order_id = refund.payment.order_id
    record_event(order_id, name, key=str(refund.pk), **amount, **data)
