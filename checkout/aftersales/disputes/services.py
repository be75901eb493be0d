"""Disputes: store the provider's reports, read their state there, alert staff."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from checkout.aftersales import polling
from checkout.aftersales.disputes import notices
from checkout.payments.gateway import NotFound, PaymentError, get_gateway
from checkout.payments.refunds_and_disputes import DisputeStatus, ProviderDispute
from checkout.status.names import CHECKOUT_NAME
from orders.models import Dispute
from orders.transitions import disputes
from orders.transitions.disputes import Finding
from orders.transitions.polling import finish_poll, note_failure
from saga.alerting import raise_notice
from shop import database_clock

logger = logging.getLogger(__name__)

KIND = polling.Kind(
    model=Dispute,
    task="checkout.read_dispute",
    unanswered=Dispute.Status.REPORTED,
    notice=notices.UNANSWERED,
)
# Staff are reminded when this much time is left and no answer was given.
REMINDED_BEFORE = timedelta(days=2)
# Webhooks may be lost, so an open dispute is read again at this interval.
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
    """Store a dispute that the provider reported, and have it read. Twice is once."""
    dispute = disputes.report(dispute_id, polling.first_poll_at())
    polling.send_on_commit(KIND, dispute.pk)


def read(dispute_pk: int) -> Dispute:
    """Read a dispute at the provider, record its state and alert staff of changes.

    Safe to repeat, and to run several times at once.
    """
    dispute = Dispute.objects.get(pk=dispute_pk)
    seen = dispute.polls
    try:
        found = get_gateway().retrieve_dispute(dispute.dispute_id)
    except PaymentError as error:
        logger.warning("dispute %s could not be read: %s", dispute.dispute_id, error)
        _record_failure(dispute, seen, error)
    else:
        _record(dispute, seen, found, database_clock.read())
    dispute.refresh_from_db()
    return dispute


def sweep_disputes(now: datetime | None = None) -> int:
    """Read the disputes that are due. Return how many those were."""
    return polling.sweep(KIND, read, now or database_clock.read())


@transaction.atomic
def _record(dispute: Dispute, seen: int, found: ProviderDispute, now: datetime) -> None:
    was_open = dispute.status in Dispute.OPEN
    is_new = disputes.record(dispute, _finding(found))
    reminded = _is_nearly_due(dispute, now) and disputes.remind(dispute, now)
    if is_new:
        _alert(notices.OPENED, dispute, now)
    elif reminded:
        _alert(notices.DUE, dispute, now)
    elif was_open and dispute.status not in Dispute.OPEN:
        _alert(notices.CLOSED, dispute, now)
    is_open = dispute.status in Dispute.OPEN
    finish_poll(dispute, seen, now + READ_EVERY if is_open else None)


@transaction.atomic
def _record_failure(dispute: Dispute, seen: int, error: PaymentError) -> None:
    """Record why it could not be read; set it aside if asking again cannot help."""
    is_unread = dispute.status in (Dispute.Status.REPORTED, Dispute.Status.SET_ASIDE)
    if not (isinstance(error, NotFound) and is_unread):
        note_failure(dispute, str(error))
    elif disputes.set_aside(dispute, seen, str(error)):
        _alert(notices.UNANSWERED, dispute, database_clock.read())


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


def _alert(notice: str, dispute: Dispute, now: datetime) -> None:
    raise_notice(CHECKOUT_NAME, f"{notice} {dispute.pk}", now)
