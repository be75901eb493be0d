"""Disputes: reported by the provider, read there, told to staff in good time."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from checkout.aftersales import polling
from checkout.payments.gateway import PaymentError, get_gateway
from checkout.payments.refunds_and_disputes import DisputeStatus, ProviderDispute
from checkout.status.names import CHECKOUT_NAME
from orders.models import Dispute
from orders.polling import note_failure, set_look
from orders.transitions import disputes
from orders.transitions.disputes import Finding
from saga.alerting import raise_notice

logger = logging.getLogger(__name__)

KIND = polling.Kind(
    model=Dispute,
    task="checkout.read_dispute",
    unanswered=Dispute.Status.REPORTED,
    notice="dispute_unanswered",
)
OPENED_NOTICE = "dispute_opened"
DUE_NOTICE = "dispute_due"
CLOSED_NOTICE = "dispute_closed"
# Staff are told again when an answer is still wanted so long before the deadline.
REMINDED_BEFORE = timedelta(days=2)
# Webhooks may be lost: an open dispute is read anew so often.
READ_EVERY = timedelta(hours=12)

STATUS = {
    DisputeStatus.WARNING_NEEDS_RESPONSE: Dispute.Status.NEEDS_RESPONSE,
    DisputeStatus.NEEDS_RESPONSE: Dispute.Status.NEEDS_RESPONSE,
    DisputeStatus.WARNING_UNDER_REVIEW: Dispute.Status.UNDER_REVIEW,
    DisputeStatus.UNDER_REVIEW: Dispute.Status.UNDER_REVIEW,
    DisputeStatus.WON: Dispute.Status.WON,
    DisputeStatus.LOST: Dispute.Status.LOST,
    DisputeStatus.WARNING_CLOSED: Dispute.Status.CLOSED,
    DisputeStatus.PREVENTED: Dispute.Status.CLOSED,
}


def report(dispute_id: str) -> None:
    """Keep that the provider reported a dispute, and have it read. Twice is once."""
    dispute = disputes.report(dispute_id, polling.first_look())
    polling.hand_over_on_commit(KIND, dispute.pk)


def read(dispute_pk: int) -> Dispute:
    """Write down what the provider says of a dispute now, and tell staff what is new.

    Safe to repeat, by several at once.
    """
    dispute = Dispute.objects.get(pk=dispute_pk)
    seen = dispute.looks
    try:
        found = get_gateway().retrieve_dispute(dispute.dispute_id)
    except PaymentError as error:
        logger.warning("dispute %s could not be read: %s", dispute.dispute_id, error)
        note_failure(dispute, str(error))
    else:
        _record(dispute, seen, found, timezone.now())
    dispute.refresh_from_db()
    return dispute


def sweep_disputes(now: datetime | None = None) -> int:
    """See to the disputes that no worker read; return how many were looked at."""
    return polling.sweep(KIND, read, now or timezone.now())


@transaction.atomic
def _record(dispute: Dispute, seen: int, found: ProviderDispute, now: datetime) -> None:
    was_open = dispute.status in Dispute.OPEN
    is_new = disputes.record(dispute, _finding(found))
    reminded = _is_nearly_due(dispute, now) and disputes.remind(dispute, now)
    if is_new:
        _tell(OPENED_NOTICE, dispute, now)
    elif reminded:
        _tell(DUE_NOTICE, dispute, now)
    elif was_open and dispute.status not in Dispute.OPEN:
        _tell(CLOSED_NOTICE, dispute, now)
    is_open = dispute.status in Dispute.OPEN
    set_look(dispute, seen, now + READ_EVERY if is_open else None)


def _finding(found: ProviderDispute) -> Finding:
    return Finding(
        status=STATUS[found.status],
        is_inquiry=found.status.value.startswith("warning"),
        intent_id=found.intent_id,
        charge_id=found.charge_id,
        amount_minor=found.amount,
        currency=found.currency,
        reason=found.reason,
        due_at=found.due_at,
    )


def _is_nearly_due(dispute: Dispute, now: datetime) -> bool:
    return dispute.due_at is not None and dispute.due_at <= now + REMINDED_BEFORE


def _tell(notice: str, dispute: Dispute, now: datetime) -> None:
    raise_notice(CHECKOUT_NAME, f"{notice} {dispute.pk}", now)
