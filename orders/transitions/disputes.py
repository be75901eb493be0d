"""The only writer of a dispute and its status."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum

from orders.models import Dispute, OrderEvent, Payment
from orders.transitions.events import record_event
from shop.database_clock import Now
from shop.text.stored import storable

# The bank has the money while these last; an inquiry takes none.
_TAKEN_BACK = [
    Dispute.Status.NEEDS_RESPONSE,
    Dispute.Status.UNDER_REVIEW,
    Dispute.Status.LOST,
]
_LONGEST_ERROR = 300

_UNREAD = [Dispute.Status.REPORTED, Dispute.Status.SET_ASIDE]
_CLOSED = [Dispute.Status.WON, Dispute.Status.LOST, Dispute.Status.CLOSED]


@dataclass(frozen=True)
class Finding:
    """The state of a dispute at the provider. ``amount_minor`` in minor units."""

    status: Dispute.Status
    is_inquiry: bool
    intent_id: str
    charge_id: str
    amount_minor: int
    currency: str
    reason: str
    due_at: datetime | None


def report(dispute_id: str, poll_at: datetime) -> Dispute:
    """Store a reported dispute and plan to read it ``poll_at``. Twice is once."""
    dispute, is_new = Dispute.objects.get_or_create(
        dispute_id=dispute_id, defaults={"poll_at": poll_at, "polls": 1}
    )
    if not is_new:
        Dispute.objects.filter(pk=dispute.pk).update(
            poll_at=poll_at, polls=F("polls") + 1
        )
    return dispute


@transaction.atomic
def record(dispute: Dispute, found: Finding) -> bool:
    """Record the state at the provider. Return whether it was read the first time.

    A closed dispute is never opened again: such an answer is older than the record.
    """
    payment = _payment(found)
    rows = Dispute.objects.filter(pk=dispute.pk).exclude(status__in=_CLOSED)
    fields = {
        "status": found.status,
        "payment": payment,
        "is_inquiry": found.is_inquiry,
        "intent_id": found.intent_id,
        "charge_id": found.charge_id,
        "amount_minor": found.amount_minor,
        "currency": found.currency,
        "reason": found.reason,
        "due_at": found.due_at,
        "closed_at": Now() if found.status in _CLOSED else None,
    }
    is_new = bool(rows.filter(status__in=_UNREAD).update(**fields))
    moved = is_new or bool(rows.update(**fields))
    dispute.refresh_from_db()
    if payment and moved:
        _count(payment)
    if payment and is_new:
        _record_opened(dispute, payment)
    if payment and moved and found.status in _CLOSED:
        record_event(
            payment.order_id,
            OrderEvent.Name.DISPUTE_CLOSED,
            key=dispute.dispute_id,
            outcome=found.status,
        )
    return is_new


def _count(payment: Payment) -> None:
    """Set what disputes have taken back of the charge."""
    # Locked first, so that the sum is read after another dispute of it was counted.
    Payment.objects.select_for_update().get(pk=payment.pk)
    taken = Dispute.objects.filter(
        payment=payment,
        status__in=_TAKEN_BACK,
        is_inquiry=False,
        currency=payment.currency,
    ).aggregate(minor=Sum("amount_minor"))
    Payment.objects.filter(pk=payment.pk).update(disputed_minor=taken["minor"] or 0)


@transaction.atomic
def set_aside(dispute: Dispute, seen: int, why: str) -> bool:
    """Record that the provider does not know a dispute that was never read.

    It is not polled any more, unless it was reported again since ``seen`` polls.
    Return False if it was set aside before, or was read meanwhile.
    """
    rows = Dispute.objects.filter(pk=dispute.pk, status__in=_UNREAD)
    rows.update(error=storable(why, _LONGEST_ERROR))
    rows.filter(polls=seen).update(poll_at=None)
    new = rows.filter(status=Dispute.Status.REPORTED)
    return bool(new.update(status=Dispute.Status.SET_ASIDE))


def remind(dispute: Dispute, now: datetime) -> bool:
    """Record that staff are reminded of the deadline. Return whether it is new."""
    rows = Dispute.objects.filter(
        pk=dispute.pk, status=Dispute.Status.NEEDS_RESPONSE, reminded_at=None
    )
    return bool(rows.update(reminded_at=now))


def _payment(found: Finding) -> Payment | None:
    if not found.intent_id:
        return None
    return Payment.objects.filter(intent_id=found.intent_id).first()


def _record_opened(dispute: Dispute, payment: Payment) -> None:
    record_event(
        payment.order_id,
        OrderEvent.Name.DISPUTE_OPENED,
        key=dispute.dispute_id,
        amount=dispute.amount_minor,
        reason=dispute.reason,
        answer_by=dispute.due_at.isoformat() if dispute.due_at else "",
    )
