"""Removal of what is not needed any more, a bounded number at a time.

Removed are the tries of ended sagas, and old alerts. The sagas themselves and every
action of staff stay: they belong to the accounts.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError
from django.db.models import Q

from saga.models import Alert, Attempt, Heartbeat, PeriodicJob

BATCH = 1000
# Batches in one round: enough to catch up, few enough not to hold up the sweeper.
BATCHES = 20
GONE_AFTER = timedelta(days=1)
_ATTEMPTS = "forget attempts"


def is_due(name: str, every: timedelta, now: datetime) -> bool:
    """Take the periodic job if it is due. Return True to one of several sweepers."""
    jobs = PeriodicJob.objects.filter(name=name)
    if jobs.filter(done_at__lte=now - every).update(done_at=now):
        return True
    if jobs.exists():
        return False
    try:
        PeriodicJob.objects.create(name=name, done_at=now)
    except IntegrityError:
        return False
    return True


def forget_attempts(before: datetime) -> int:
    """Remove the tries of sagas that ended before. Return how many.

    Those of a branch or an item stay while its main path goes on: it may still be
    undone, and only what was done is.

    Goes through the history once, by primary key, and stores how far it came: rows that
    are kept are not read again, and no index is needed.
    """
    job, _is_new = PeriodicJob.objects.get_or_create(
        name=_ATTEMPTS, defaults={"done_at": before}
    )
    alone = Q(saga__parent=None) | Q(saga__parent__finished_at__lt=before)
    removed = 0
    for _batch in range(BATCHES):
        rows = Attempt.objects.filter(pk__gt=job.position).order_by("pk")
        batch = list(rows.values_list("pk", "started_at")[:BATCH])
        old = [pk for pk, started_at in batch if started_at < before]
        ended = Attempt.objects.filter(
            alone, pk__in=old, actor="", saga__finished_at__lt=before
        )
        removed += ended.delete()[0]
        if old:
            job.position = old[-1]
            PeriodicJob.objects.filter(pk=job.pk, position__lt=old[-1]).update(
                position=old[-1]
            )
        if len(old) < BATCH:
            break
    return removed


def forget_alerts(before: datetime) -> int:
    """Remove alerts that were closed before. Return how many."""
    old = Alert.objects.filter(closed_at__lt=before).order_by("pk")
    pks = list(old.values_list("pk", flat=True)[:BATCH])
    count = len(pks)
    Alert.objects.filter(pk__in=pks).delete()
    return count


def forget_processes(now: datetime) -> None:
    Heartbeat.objects.filter(seen_at__lt=now - GONE_AFTER).delete()
