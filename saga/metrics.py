"""Metrics of the sagas, one row a minute, for the curves on the staff's dashboard.

Every count reads an index of its own, and of the history only the rows since the last
snapshot: the cost does not grow with the sagas that have ended.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max, Min, Q

from saga.definition import background_names
from saga.models import CLAIMABLE, Attempt, Direction, MetricSnapshot, Saga, State
from saga.tallies import tally

EVERY = timedelta(minutes=1)
KEPT = timedelta(days=7)
# Of a burst, so many of the newest tries are enough.
MOST_TRIES = 5000


@dataclass(frozen=True)
class SagaCounts:
    """Counts and ages of the sagas at one time. See MetricSnapshot."""

    in_flight: int
    stuck: int
    oldest: int
    queue: int


def count_sagas(now: datetime) -> SagaCounts:
    """Count the sagas: four queries, however many have ended."""
    aside = background_names()
    stuck = Saga.objects.failed().exclude(definition__in=aside)
    unclaimed = Saga.objects.live().filter(state__in=CLAIMABLE, claimed_by="")
    due = unclaimed.filter(due_at__lte=now)
    live = Saga.objects.live().filter(parent=None).exclude(definition__in=aside)
    return SagaCounts(
        in_flight=live.count(),
        stuck=stuck.values("definition", "reference").distinct().count(),
        oldest=_seconds(stuck.aggregate(since=Min("failed_at"))["since"], now),
        queue=_seconds(due.aggregate(since=Min("due_at"))["since"], now),
    )


def record_metrics(now: datetime) -> bool:
    """Store the metrics of this minute. Return False if another sweeper did.

    The tries since the minute before are added to the tallies.
    """
    last = MetricSnapshot.objects.first()
    newest = Attempt.objects.aggregate(last=Max("pk"))["last"] or 0
    # Before the first snapshot there is none to count from: it counts nothing.
    position = last.position if last else newest
    since = Attempt.objects.filter(pk__gt=position, pk__lte=newest)
    minute = now.replace(second=0, microsecond=0)
    # A main path ends with the last of its branches, without a try of its own.
    main_paths = since.filter(saga__parent__isnull=False).values("saga__parent")
    own = Q(pk__in=since.values("saga"))
    touched = Saga.objects.filter(own | Q(pk__in=main_paths), parent=None)
    touched = touched.exclude(definition__in=background_names())
    counts = count_sagas(now)
    try:
        with transaction.atomic():
            MetricSnapshot.objects.create(
                taken_at=minute,
                in_flight=counts.in_flight,
                stuck=counts.stuck,
                oldest=counts.oldest,
                queue=counts.queue,
                done=touched.filter(state=State.DONE).count(),
                stopped=since.filter(outcome=Attempt.Outcome.FAILED).count(),
                steps=_steps(position, newest),
                position=newest,
            )
            tally(position, newest)
    except IntegrityError:
        return False
    return True


def forget_metrics(now: datetime) -> None:
    MetricSnapshot.objects.filter(taken_at__lt=now - KEPT).delete()


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which that share of the sorted ``values`` lies."""
    return values[min(len(values) - 1, int(len(values) * share))]


def _steps(position: int, newest: int) -> dict[str, list[int]]:
    rows = Attempt.objects.filter(
        pk__gt=position,
        pk__lte=newest,
        direction=Direction.DO,
        outcome=Attempt.Outcome.OK,
        actor="",
    )
    took: dict[str, list[float]] = defaultdict(list)
    columns = rows.order_by("-pk").values_list("step", "started_at", "ended_at")
    for step, started, ended in columns[:MOST_TRIES]:
        if ended:
            took[step].append((ended - started).total_seconds() * 1000)
    return {
        step: [
            round(percentile(sorted(times), 0.5)),
            round(percentile(sorted(times), 0.95)),
            len(times),
        ]
        for step, times in took.items()
    }


def _seconds(since: datetime | None, now: datetime) -> int:
    return max(0, int((now - since).total_seconds())) if since else 0
