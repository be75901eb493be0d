"""Mismatches: record each once, resolve those that are gone, explain, ask Stripe."""

from datetime import datetime

from django.db import IntegrityError, transaction

from checkout.aftersales import payment_sync
from checkout.aftersales.disputes import services as disputes
from checkout.aftersales.refunds import services as refunds
from checkout.flow.definition import CHECKOUT
from checkout.reconciliation import unreadable
from checkout.reconciliation.kinds import (
    OF_DISPUTES,
    OF_PAYMENTS,
    OF_WAREHOUSE,
    UNREADABLE,
    Finding,
    Kind,
)
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from orders.models import Payment, Refund
from saga import operations
from shop.database_clock import Now


class NotExplainable(Exception):
    """The mismatch is gone, or it was explained before. Nothing was changed."""

    def __init__(self, mismatch: Mismatch) -> None:
        super().__init__(f"{mismatch}: it is gone, or it was explained before")
        self.mismatch = mismatch


def record(finding: Finding, now: datetime) -> bool:
    """Record that ``finding`` was seen ``now``. Return whether it is new.

    If it was explained and its facts have changed since, it counts as new.
    """
    rows = Mismatch.objects.open().filter(kind=finding.kind, subject=finding.subject)
    if rows.filter(facts=finding.facts).update(last_seen=now):
        return False
    if rows.filter(explained_at=None).update(last_seen=now, facts=finding.facts):
        return False
    try:
        with transaction.atomic():
            rows.update(resolved_at=now)
            Mismatch.objects.create(
                kind=finding.kind,
                subject=finding.subject,
                order_number=finding.order_number,
                intent_id=finding.intent_id,
                facts=finding.facts,
                first_seen=now,
                last_seen=now,
            )
    except IntegrityError:
        # Another run has recorded it at the same moment.
        return False
    return True


def resolve_unseen(run: ReconciliationRun, now: datetime) -> int:
    """Resolve what a complete run did not find again, except what it could not read.

    Return how many mismatches those are.
    """
    gone = Mismatch.objects.open().filter(last_seen__lt=run.started_at)
    lost = unreadable.out_of_sight(run.since)
    readable = gone.filter(kind__in=UNREADABLE).exclude(pk__in=lost)
    resolved = readable.update(resolved_at=now)
    others = gone.exclude(kind__in=UNREADABLE).exclude(unreadable.unproven())
    silent = Mismatch.objects.open().filter(kind=Kind.WAREHOUSE_NOT_COMPARED)
    if silent.filter(last_seen__gte=run.started_at).exists():
        others = others.exclude(kind__in=OF_WAREHOUSE)
    return resolved + others.update(resolved_at=now)


def explain(mismatch: Mismatch, actor: str, note: str) -> None:
    """Record why a mismatch may stay. Raises NotExplainable."""
    rows = Mismatch.objects.open().filter(pk=mismatch.pk, explained_at=None)
    explained = rows.update(explained_at=Now(), explained_by=actor, note=note.strip())
    if not explained:
        raise NotExplainable(mismatch)
    mismatch.refresh_from_db()


def wake_behind() -> list[str]:
    """Let orders, payments, refunds and disputes that lag behind Stripe read it again.

    Return the subjects of their mismatches. Nothing is charged or refunded that was
    not under way. Twice is once.
    """
    rows = Mismatch.objects.open().order_by("pk")
    return [row.subject for row in rows.iterator() if _wake(row)]


def _wake(row: Mismatch) -> bool:
    if row.kind == Kind.SAGA_BEHIND:
        return operations.wake(CHECKOUT, row.order_number)
    if row.kind in OF_PAYMENTS:
        payment = Payment.objects.get(order__number=row.order_number)
        payment_sync.poll_again(payment)
        return True
    if row.kind == Kind.REFUND_STATE_DIFFERS:
        # One that failed here stays failed; its money is refunded by another refund.
        is_alive: bool = row.facts["here_state"] != Refund.Status.FAILED
        if is_alive:
            payment = Payment.objects.get(order__number=row.order_number)
            refunds.poll_again(payment)
        return is_alive
    if row.kind in OF_DISPUTES:
        disputes.report(row.subject)
        return True
    return False
