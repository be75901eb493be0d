"""Letting many stopped sagas go on: a few first, at a pace, until one stops again."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from saga.error_signature import error_signature
from saga.errors import ActRefused
from saga.failure_groups import signature_of
from saga.models import CLAIMABLE, Attempt, Saga, State

# How often the canary is looked at: seconds.
_LOOK_EVERY = 0.5
_TROUBLE = (Attempt.Outcome.RETRY, Attempt.Outcome.FAILED, Attempt.Outcome.LOST)


@dataclass(frozen=True)
class Pace:
    """How carefully: so many first, watched until they leave running or fail.

    ``per_second`` 0 means as fast as it goes. ``patience`` is for how many seconds
    the canary is watched.
    """

    canary: int = 0
    per_second: float = 0
    patience: float = 120


@dataclass
class Recovery:
    """What became of each: resumed, refused (with why), or left as it was.

    ``repeated`` stopped all: it failed again. ``undecided`` did: the canary took longer
    than the patience.
    """

    resumed: list[Saga] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    left: list[Saga] = field(default_factory=list)
    repeated: Saga | None = None
    undecided: bool = False

    @property
    def is_stopped(self) -> bool:
        return self.undecided or self.repeated is not None


def recover(
    sagas: Sequence[Saga],
    act: Callable[[Saga], None],
    pace: Pace | None = None,
    *,
    sleep: Callable[[float], object] = time.sleep,
    told: Callable[[int], object] = lambda _done: None,
) -> Recovery:
    """Do ``act`` to one saga after the other, and stop at the first repeat.

    A repeat is a try after ``act`` that failed in the way the saga had failed before.
    ``told`` hears how many have been dealt with.
    """
    pace = pace or Pace()
    watch = Watch()
    done = Recovery()
    for number, saga in enumerate(sagas):
        done.repeated = watch.repeated()
        if not done.is_stopped and pace.canary and len(done.resumed) == pace.canary:
            _wait_for_canary(done, watch, pace, sleep)
        if done.is_stopped:
            done.left = list(sagas[number:])
            return done
        _one(saga, act, done, watch)
        told(number + 1)
        if pace.per_second and number + 1 < len(sagas):
            sleep(1 / pace.per_second)
    if pace.canary and len(done.resumed) <= pace.canary:
        _wait_for_canary(done, watch, pace, sleep)
    done.repeated = done.repeated or watch.repeated()
    return done


class Watch:
    """What was resumed: saga's key -> its fence then, and the signature before."""

    def __init__(self, seen: Mapping[int, tuple[int, str]] | None = None) -> None:
        self._seen = dict(seen or {})

    def add(self, saga: Saga, signature: str) -> None:
        self._seen[saga.pk] = (saga.fence, signature)

    def repeated(self) -> Saga | None:
        """Return the first that failed again in the same way."""
        rows = Attempt.objects.filter(saga__in=list(self._seen), outcome__in=_TROUBLE)
        for row in rows.select_related("saga"):
            fence, signature = self._seen[row.saga_id]
            again = error_signature(row.error_class, row.error)
            if row.fence > fence and again == signature:
                return row.saga
        return None

    def still_running(self) -> bool:
        return Saga.objects.filter(pk__in=self._seen, state__in=CLAIMABLE).exists()

    def failed(self) -> Saga | None:
        return Saga.objects.filter(pk__in=self._seen, state=State.FAILED).first()


def _one(saga: Saga, act: Callable[[Saga], None], done: Recovery, watch: Watch) -> None:
    before = signature_of(saga)
    try:
        act(saga)
    except ActRefused as error:
        done.refused[saga.reference] = str(error)
        return
    done.resumed.append(saga)
    watch.add(saga, before)


def _wait_for_canary(
    done: Recovery, watch: Watch, pace: Pace, sleep: Callable[[float], object]
) -> None:
    """Watch until the canary is through, or is not: then ``done`` says so."""
    waited = 0.0
    while True:
        # Any failure of the canary counts, of whatever kind.
        done.repeated = watch.repeated() or watch.failed()
        if done.repeated or not watch.still_running():
            return
        if waited >= pace.patience:
            done.undecided = True
            return
        sleep(_LOOK_EVERY)
        waited += _LOOK_EVERY
