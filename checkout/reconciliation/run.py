"""One reconciliation from beginning to end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain

from django.db import transaction
from django.utils import timezone

from checkout.reconciliation import goods
from checkout.reconciliation.compare import GRACE, Moment
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.reconciliation.notices import tell_of_new
from checkout.reconciliation.scan import Examination
from checkout.reconciliation.store import keep, resolve_unseen


def reconcile(
    since: datetime,
    *,
    grace: timedelta = GRACE,
    scheduled: bool = False,
    told: Callable[[int], object] = lambda _done: None,
) -> ReconciliationRun:
    """Compare everything paid for since then; keep what does not agree, tell of it.

    Reads only, apart from its own records. ``told`` hears how many payments have been
    looked at, and stops the run by raising. Raises PaymentError when Stripe does not
    answer: what was found up to there is kept, and nothing counts as gone.
    """
    now = timezone.now()
    run = ReconciliationRun.objects.create(
        since=since, until=now, scheduled=scheduled, started_at=now, seen_at=now
    )
    moment = Moment(now, grace)
    examination = Examination(since, now, moment, lambda done: _beat(run, done, told))
    try:
        for finding in chain(goods.findings(moment), examination.findings()):
            run.fresh += keep(finding, timezone.now())
    except BaseException as error:
        _end(run, error=f"{type(error).__name__}: {error}")
        raise
    _end(run)
    return run


@transaction.atomic
def _end(run: ReconciliationRun, error: str = "") -> None:
    now = timezone.now()
    run.seen_at = now
    run.found = Mismatch.objects.open().filter(last_seen__gte=run.started_at).count()
    if error:
        run.broken_at, run.error = now, error
    else:
        run.finished_at = now
        run.resolved = resolve_unseen(run.started_at, now)
    run.save()
    tell_of_new(run, now)


def _beat(run: ReconciliationRun, done: int, told: Callable[[int], object]) -> None:
    """Say that the run is alive, once for each page of Stripe's list."""
    if done != run.intents:
        run.intents = done
        rows = ReconciliationRun.objects.filter(pk=run.pk)
        rows.update(intents=done, seen_at=timezone.now())
    told(done)
