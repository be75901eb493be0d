"""Fetch the movements of the account at Stripe: fees and payouts are only known there.

The reconciliation's thread does it once in ``settings.RECONCILE_HOURS``.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db.models import Min

from checkout.accounting.models import AccountMovement, AccountReading
from checkout.payments.balance import ProviderMovement
from checkout.payments.gateway import get_gateway
from checkout.payments.unreadable import UnreadableObject
from orders.models import Payment
from saga.models import PeriodicJob
from saga.retention import is_due
from shop import database_clock

logger = logging.getLogger(__name__)

JOB = "fetch account movements"
# The pause after an attempt that failed.
RETRY_AFTER = timedelta(minutes=10)
# Read again each time, for what Stripe lists late.
OVERLAP = timedelta(days=3)
_BATCH = 500


def fetch_movements(since: datetime | None = None) -> AccountReading:
    """Store all movements since then; by default since the last complete reading.

    Twice is once, by Stripe's ids. Raises PaymentError when Stripe does not answer:
    what was stored until then stays, and the next reading begins where this one did.
    """
    until = database_clock.read()
    since = since or _unread_since(until)
    added = unreadable = 0
    for batch in _batches(get_gateway().movements_since(since)):
        readable = [one for one in batch if isinstance(one, ProviderMovement)]
        unreadable += len(batch) - len(readable)
        added += _store(readable)
    return AccountReading.objects.create(
        since=since, until=until, added=added, unreadable=unreadable
    )


def fetch_if_due(now: datetime) -> AccountReading | None:
    """Fetch once in ``settings.RECONCILE_HOURS``. Return None if it is not due."""
    every = timedelta(hours=settings.RECONCILE_HOURS)
    if not every or not is_due(JOB, every, now):
        return None
    try:
        return fetch_movements()
    except Exception:
        again = database_clock.read() - every + RETRY_AFTER
        PeriodicJob.objects.filter(name=JOB).update(done_at=again)
        raise


def known_until() -> datetime | None:
    """Return until when all movements are known; None: none were ever fetched."""
    return AccountReading.objects.values_list("until", flat=True).first()


def _unread_since(now: datetime) -> datetime:
    last = known_until()
    if last is not None:
        return last - OVERLAP
    first = Payment.objects.aggregate(first=Min("captured_at"))["first"]
    return (first or now) - OVERLAP


def _store(found: list[ProviderMovement]) -> int:
    """Store what is new. Return how many."""
    ids = [one.id for one in found]
    rows = AccountMovement.objects.filter(movement_id__in=ids)
    known = set(rows.values_list("movement_id", flat=True))
    new = [one for one in found if one.id not in known]
    # Another process may fetch the same at this moment.
    AccountMovement.objects.bulk_create(map(_row, new), ignore_conflicts=True)
    return len(new)


def _row(found: ProviderMovement) -> AccountMovement:
    return AccountMovement(
        movement_id=found.id,
        kind=found.kind,
        amount_minor=found.amount,
        fee_minor=found.fee,
        currency=found.currency,
        source_id=found.source,
        created_at=found.created_at,
    )


def _batches(
    found: Iterable[ProviderMovement | UnreadableObject],
) -> Iterator[list[ProviderMovement | UnreadableObject]]:
    rest = iter(found)
    while batch := list(islice(rest, _BATCH)):
        yield batch
