"""Tries by step and outcome, added up once a minute for monitoring.

The tries themselves are in the history already, so counting costs a step nothing, and
the counts are the same on whichever host they are read.
"""

from bisect import bisect_left
from collections import defaultdict

from saga.models import Attempt, StepTally

# Upper bounds of the durations that are told apart, in seconds.
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_KEY = ("saga__definition", "step", "direction", "outcome", "error_class")
_Key = tuple[str, str, str, str, str]


def tally(after: int, until: int) -> None:
    """Add the tries of workers with a key in ``(after, until]`` to the tallies.

    The caller sees to it that each range is added once.
    """
    took: dict[_Key, list[float]] = defaultdict(list)
    rows = Attempt.objects.filter(pk__gt=after, pk__lte=until, actor="").order_by("pk")
    for *key, started, ended in rows.values_list(*_KEY, "started_at", "ended_at"):
        seconds = (ended - started).total_seconds() if ended else 0.0
        took[tuple(key)].append(max(0.0, seconds))
    for (definition, step, direction, outcome, error_class), durations in took.items():
        row, _created = StepTally.objects.get_or_create(
            definition=definition,
            step=step,
            direction=direction,
            outcome=outcome,
            error_class=error_class,
        )
        row.tries += len(durations)
        row.seconds += sum(durations)
        row.buckets = _with(row.buckets, durations)
        row.save()


def _with(buckets: list[int], durations: list[float]) -> list[int]:
    """Return the counts by duration with these durations added."""
    counts = buckets or [0] * (len(BOUNDS) + 1)
    for duration in durations:
        counts[bisect_left(BOUNDS, duration)] += 1
    return counts
