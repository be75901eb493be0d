"""The only writer of a refund's status, and of the counters of what is refunded.

Each counter is in the same row as its limit: the charge, or the line's quantity.
Guarded UPDATEs move the counters and constraints hold them, so two people at once
cannot refund more than was charged. The provider is called in checkout.aftersales.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

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
from orders.transitions.forms import made_by_form
from shop.database_clock import Now
from shop.money import Money
from shop.text.stored import storable

# An answer of the provider may be older than the record: a failed refund never
# succeeds, and a succeeded one is never pending again. It can still fail: for weeks a
# bank may send the money back.
_REQUESTED = [Refund.Status.REQUESTED]
_UNDECIDED = [Refund.Status.REQUESTED, Refund.Status.PENDING]
_SUCCEEDED = [Refund.Status.SUCCEEDED]


@dataclass(frozen=True)
class Item:
    """Units of one line to be refunded. ``restock``: put them back into stock."""

    line: OrderLine
    quantity: int
    restock: bool = False

    @property
    def paid_minor(self) -> int:
        """Return what was paid for these units, after those refunded before."""
        return self.line.paid_for(self.quantity, self.line.refunded)


@dataclass(frozen=True)
class RefundRequest:
    """A refund as a member of staff requests it, with the reason.

    ``uid`` comes from the form, so that a form sent twice is one refund.
    ``seen_minor`` is how much was refunded when the form was shown.
    """

    uid: uuid.UUID
    amount_minor: int
    seen_minor: int
    items: Sequence[Item]
    actor: str
    reason: str


@dataclass(frozen=True)
class FoundAtProvider:
    """A refund that exists at the provider. ``is_made``: the bank has the money."""

    refund_id: str
    amount_minor: int
    is_made: bool


@transaction.atomic
def request(payment: Payment, wanted: RefundRequest, poll_at: datetime) -> Refund:
    """Store the refund without sending it. Called twice, it returns the first.

    Raises NotCharged, RefundStale, RefundTooLarge, UnitsRefunded or FormOfAnother, and
    then changes nothing.
    """
    known = _known(payment, wanted)
    if known:
        return known
    try:
        _count(payment, wanted)
    except RefundStale:
        # The same form was sent twice at once: this call waited for the other one.
        known = _known(payment, wanted)
        if known is None:
            raise
        return known
    refund = Refund.objects.create(
        uid=wanted.uid,
        payment=payment,
        amount_minor=wanted.amount_minor,
        currency=payment.currency,
        actor=wanted.actor,
        reason=wanted.reason,
        # The refund counts for the oldest shortage that owes money.
        shortage=Shortage.objects.owing().filter(order=payment.order_id).last(),
        poll_at=poll_at,
        polls=1,
    )
    for item in sorted(wanted.items, key=lambda item: item.line.pk):
        _count_units(item)
        RefundLine.objects.create(
            refund=refund,
            line=item.line,
            quantity=item.quantity,
            paid_minor=item.paid_minor,
            restock=item.restock,
        )
    _record(
        refund, OrderEvent.Name.REFUND_REQUESTED, by=wanted.actor, reason=wanted.reason
    )
    return refund


def _known(payment: Payment, wanted: RefundRequest) -> Refund | None:
    return made_by_form(Refund.objects.all(), wanted.uid, payment_id=payment.pk)


@transaction.atomic
def record_found(payment: Payment, found: FoundAtProvider) -> Refund | None:
    """Store a refund that was made at the provider itself. Twice is once.

    Return None if it is known, or if it does not fit into what is left of the charge:
    then another refund of ours has failed, or will, and was not read yet.
    """
    # Locked first: nobody stores the same refund meanwhile.
    Payment.objects.select_for_update().get(pk=payment.pk)
    if Refund.objects.filter(refund_id=found.refund_id).exists():
        return None
    counted = Payment.objects.filter(
        pk=payment.pk,
        status=Payment.Status.CAPTURED,
        captured_minor__gte=F("refunded_minor") + found.amount_minor,
    ).update(refunded_minor=F("refunded_minor") + found.amount_minor)
    if not counted:
        return None
    is_made = found.is_made
    refund = Refund.objects.create(
        payment=payment,
        origin=Refund.Origin.PROVIDER,
        amount_minor=found.amount_minor,
        currency=payment.currency,
        status=Refund.Status.SUCCEEDED if is_made else Refund.Status.PENDING,
        succeeded_at=Now() if is_made else None,
        refund_id=found.refund_id,
        poll_at=None if is_made else Now(),
        polls=1,
    )
    _record(refund, OrderEvent.Name.REFUND_FOUND, at_provider=found.refund_id)
    return refund


@transaction.atomic
def await_bank(refund: Refund, refund_id: str) -> bool:
    """Record that the provider accepted it; the bank has not paid yet."""
    return _move(refund, Refund.Status.PENDING, _REQUESTED, refund_id=refund_id)


@transaction.atomic
def succeed(refund: Refund, refund_id: str) -> bool:
    """Record that the money was returned."""
    moved = _move(
        refund,
        Refund.Status.SUCCEEDED,
        _UNDECIDED,
        refund_id=refund_id,
        succeeded_at=Now(),
    )
    if moved:
        _record(refund, OrderEvent.Name.REFUND_SUCCEEDED)
    return moved


@transaction.atomic
def fail(refund: Refund, why: str, refund_id: str | None = None) -> bool:
    """Record that the money was not returned, so that it can be refunded again.

    Goods that were restocked after it had succeeded stay in stock.
    """
    fields = {
        "failed_at": Now(),
        "failure": storable(why, 300),
        **({"refund_id": refund_id} if refund_id else {}),
    }
    # In this order: it may succeed between the two moves, but never the reverse.
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
    _record(refund, OrderEvent.Name.REFUND_FAILED, why=storable(why, 300))
    return True


def record_returned(refund: Refund, units: dict[str, int]) -> None:
    """Write into the order's history which goods (SKU -> units) were restocked."""
    _record(refund, OrderEvent.Name.GOODS_RETURNED, units=units)


def _count(payment: Payment, wanted: RefundRequest) -> None:
    """Raise the counter by a guarded update, or raise why it was refused."""
    rows = Payment.objects.filter(pk=payment.pk)
    counted = rows.filter(
        status=Payment.Status.CAPTURED,
        refunded_minor=wanted.seen_minor,
        captured_minor__gte=F("refunded_minor")
        + F("disputed_minor")
        + wanted.amount_minor,
    ).update(refunded_minor=F("refunded_minor") + wanted.amount_minor)
    if counted:
        return
    payment.refresh_from_db()
    if payment.status != Payment.Status.CAPTURED:
        raise NotCharged(payment.order.number)
    if payment.refunded_minor != wanted.seen_minor:
        raise RefundStale(payment.order.number)
    amount = Money(wanted.amount_minor, payment.currency)
    raise RefundTooLarge(amount, payment.refundable)


def _count_units(item: Item) -> None:
    back = item.quantity if item.restock else 0
    counted = OrderLine.objects.filter(
        pk=item.line.pk,
        quantity__gte=F("refunded") + item.quantity,
        # What a return holds is put back by that return.
        restocked__lte=F("quantity") - F("returned") - back,
    ).update(refunded=F("refunded") + item.quantity, restocked=F("restocked") + back)
    if not counted:
        line = OrderLine.objects.get(pk=item.line.pk)
        raise UnitsRefunded(line.sku, line.quantity - line.refunded, line.restockable)


def _move(
    refund: Refund, to: Refund.Status, allowed: list[Refund.Status], **fields: Any
) -> bool:
    """Move by one conditional UPDATE. Return False if its status is not allowed."""
    rows = Refund.objects.filter(pk=refund.pk, status__in=allowed)
    if not rows.update(status=to, **fields):
        return False
    refund.refresh_from_db()
    return True


def _record(refund: Refund, name: OrderEvent.Name, **data: Any) -> None:
    amount = {"amount": refund.amount_minor}
    order_id = refund.payment.order_id
    record_event(order_id, name, key=str(refund.pk), **amount, **data)
