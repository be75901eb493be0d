"""A bulk resume in the process of a command, which waits for it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from saga.bulk_resume.pace import Next, Pace, Position, Watch, decide
from saga.errors import ActionRefused
from saga.failure_groups import signature_of
from saga.models import Saga

# How often running sagas are read again: seconds.
_READ_EVERY = 0.5


@dataclass
class BulkResult:
    """What became of each saga: resumed, refused (with the reason), or left as it was.

    ``repeated`` failed again, which ended all. ``undecided`` says that the canary took
    longer than the patience, which ended all as well.
    """

    resumed: list[Saga] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    left: list[Saga] = field(default_factory=list)
    repeated: Saga | None = None
    undecided: bool = False


def act_on_each(
    sagas: Sequence[Saga],
    act: Callable[[Saga], None],
    pace: Pace | None = None,
    *,
    sleep: Callable[[float], object] = time.sleep,
    on_progress: Callable[[int], object] = lambda _count: None,
) -> BulkResult:
    """Call ``act`` with one saga after the other, until one fails again.

    A repeat is a try after ``act`` that failed in the way the saga had failed before.
    ``on_progress`` is called with the number of sagas that were acted on. Refusals of
    ``act`` are part of the result.
    """
    pace = pace or Pace()
    watch, result = Watch(), BulkResult()
    count, idle, canary_passed = 0, 0.0, False
    while True:
        pending = len(sagas) - count
        position = Position(
            len(result.resumed), pending, canary_passed, count > 0, idle
        )
        decision = decide(pace, watch, position)
        canary_passed = decision.canary_passed
        if decision.next is Next.ACT:
            _act_on(sagas[count], act, result, watch)
            count += 1
            on_progress(count)
            idle = 1 / pace.per_second if pace.per_second and pending > 1 else 0
            if idle:
                sleep(idle)
        elif decision.next is Next.WAIT:
            sleep(_READ_EVERY)
            idle += _READ_EVERY
        else:
            result.repeated = decision.repeated
            result.undecided = decision.next is Next.UNDECIDED
            result.left = list(sagas[count:])
            return result


def _act_on(
    saga: Saga, act: Callable[[Saga], None], result: BulkResult, watch: Watch
) -> None:
    before = signature_of(saga)
    try:
        act(saga)
    except ActionRefused as error:
        result.refused[saga.reference] = str(error)
        return
    result.resumed.append(saga)
    watch.add(saga, before)
