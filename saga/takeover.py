"""Let the claims of dead processes be taken over before their leases end.

A lease has to be longer than the longest step. A process that has died finishes
nothing, so its claims end as soon as another process notices: at once on the same
machine, where its number is gone; after SILENT_AFTER on another one, when its heartbeat
has stopped. What was noticed wrongly does no harm: the fence refuses a result that
comes after all (docs/adr/0032).
"""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime

from saga.heartbeat import SILENT_AFTER
from saga.models import Heartbeat, Saga, SagaQuerySet
from saga.processes import has_ended
from shop.database_clock import Now

logger = logging.getLogger(__name__)

# Seconds of silence that one look may add. So an outage of the database, in which
# nobody could beat, does not make every process silent.
_LONGEST_GAP = 5.0


def end_claims_of_the_dead() -> int:
    """End the leases of processes that have ended on this machine. Return how many."""
    return _end(_claims_of(filter(has_ended, _claimers())), "has ended")


class Watch:
    """Notices dead processes, also on other machines, if it looks regularly.

    A process on another machine is dead to it when its heartbeat has not changed for
    SILENT_AFTER, by the monotonic clock of this process: no other clock is compared.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked_at = clock()
        # Process -> its last heartbeat, and for how many seconds it was the last.
        self._silences: dict[str, tuple[datetime, float]] = {}

    def look(self) -> int:
        """End the leases of dead processes. Return how many."""
        claimers = _claimers()
        silent = _claims_of(self._silent() & claimers)
        # It may be the heartbeat alone that stopped: a newer claim is a sign of life.
        old = silent.filter(claimed_at__lte=Now(-SILENT_AFTER))
        ended = _claims_of(filter(has_ended, claimers))
        return _end(ended, "has ended") + _end(old, "is silent")

    def _silent(self) -> set[str]:
        now = self._clock()
        gap, self._looked_at = min(now - self._looked_at, _LONGEST_GAP), now
        before, self._silences = self._silences, {}
        for name, seen_at in Heartbeat.objects.values_list("process", "seen_at"):
            last, seconds = before.get(name, (None, 0.0))
            self._silences[name] = (seen_at, seconds + gap if last == seen_at else 0.0)
        enough = SILENT_AFTER.total_seconds()
        return {name for name, (_at, s) in self._silences.items() if s >= enough}


def _claimers() -> set[str]:
    """Return the processes that hold claims."""
    rows = Saga.objects.exclude(claimed_by="").order_by()
    return set(rows.values_list("claimed_by", flat=True).distinct())


def _claims_of(names: Iterable[str]) -> SagaQuerySet:
    """Return the claims of these processes whose leases have not ended."""
    held = Saga.objects.exclude(claimed_by="").filter(claimed_by__in=list(names))
    return held.filter(due_at__gt=Now())


def _end(claims: SagaQuerySet, why: str) -> int:
    """Let the leases end now. The sweeper counts the tries as lost, as ever."""
    for name in set(claims.values_list("claimed_by", flat=True)):
        logger.warning("%s %s: its claims are taken over", name, why)
    # One statement: a claim that passed on meanwhile has another holder.
    return claims.update(due_at=Now(), sweep_at=Now())
