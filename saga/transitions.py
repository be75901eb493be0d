"""What becomes of a saga after a step: on, wait, retry, undo, or a person.

Every function runs inside the caller's transaction and begins with the fenced
update, so a caller whose claim was lost writes nothing.
"""

import logging
from datetime import datetime
from typing import Any

from django.db.models import Case, Value, When
from django.utils import timezone

from saga import branches, compensation
from saga.claims import claimed_ahead, clean, close_attempt, move, moved, plain
from saga.definition import Definition, RetryPolicy, Step
from saga.errors import (
    Abort,
    LostClaim,
    ManualIntervention,
    ResumeForward,
    Retry,
    StepError,
)
from saga.history import to_undo
from saga.models import Attempt, Direction, Saga, State
from saga.results import Sleep, StartChild, Wait

logger = logging.getLogger(__name__)

# The reason that undo steps read when it was a fault and not a decision.
TECHNICAL = "technical"


def succeed(
    definition: Definition,
    saga: Saga,
    output: dict[str, Any] | None,
    *,
    ahead: Step | None = None,
    pivot: bool = False,
) -> Saga | None:
    """Move forward to the next step, or end the saga; return it as it stands then.

    None: its family may have moved it further. ``ahead`` is the next step, where the
    same worker goes on with it at once: then the update that moves the saga there
    claims it as well. ``pivot``: with no way back.
    """
    changes = clean() | branches.onward(definition, saga)
    if ahead:
        changes |= claimed_ahead(saga, ahead)
    if pivot:
        changes["pivot_at"] = saga.pivot_at or timezone.now()
    if output:
        changes["data"] = saga.data | {saga.step: output}
    move(saga, **changes)
    close_attempt(saga, Attempt.Outcome.OK, output)
    branches.follow(definition, saga, changes)
    compensation.heed(definition, saga)
    if changes["state"] == State.JOINING or compensation.may_be_called(
        definition, saga
    ):
        return None
    return moved(saga, changes)


def undone(definition: Definition, saga: Saga, output: dict[str, Any] | None) -> None:
    """Move backward to the next step that has an undo, or end the saga."""
    earlier = to_undo(definition, saga, undone=saga.step)
    changes = clean() | compensation.backward(definition, saga, earlier)
    move(saga, **changes)
    close_attempt(saga, Attempt.Outcome.OK, output)
    compensation.follow_back(saga, changes)


def wait(definition: Definition, saga: Saga, pause: Wait) -> None:
    """Stop until woken or until the deadline.

    A wake-up that came after the claim counts: then the step simply runs again. The
    database decides that in the same statement, so none falls in between.
    """
    now = timezone.now()
    deaf = isinstance(pause, Sleep)
    unheard = When(signals=saga.signals, then=Value(pause.until))
    changes = clean() | {
        "state": Case(
            When(signals=saga.signals, then=Value(State.WAITING.value)),
            default=Value(State.RUNNING.value),
        ),
        "due_at": Case(unheard, default=Value(now)),
        "sweep_at": Case(unheard, default=Value(now)),
        "waiting_for": pause.reason,
    }
    if deaf:
        # Like a retry: calls only wake what is WAITING.
        due = {"due_at": pause.until, "sweep_at": pause.until}
        changes |= due | {"state": State.RUNNING}
    if pause.alert:
        changes |= {
            "error": pause.alert,
            "error_kind": ManualIntervention.kind,
            "error_class": Wait.__name__,
            "alert_wanted_at": saga.alert_wanted_at or now,
        }
    move(saga, **changes)
    close_attempt(saga, Attempt.Outcome.WAITING, {"until": pause.until.isoformat()})
    compensation.heed(definition, saga)


def start_child(definition: Definition, saga: Saga, child: StartChild) -> None:
    """Start a saga for the step, which waits for it; or wait for the one it started."""
    branches.check_child(saga, child)
    move(saga, **(clean() | branches.joining(branches.CHILD)))
    close_attempt(saga, Attempt.Outcome.WAITING, {"for": child.reference})
    branches.begin_child(definition, saga, child)
    compensation.heed(definition, saga)


def settle(
    definition: Definition,
    saga: Saga,
    error: BaseException,
    *,
    probe_at: datetime | None = None,
) -> None:
    """Decide what follows from ``error``, raised by the claimed step.

    ``probe_at``: the step's dependency is known to be down until then at least, so
    the saga waits for it and does not use up its tries.
    """
    step = definition.step(saga.step, undo=saga.direction == Direction.UNDO)
    _settle(definition, step, saga, error, probe_at)
    compensation.heed(definition, saga)


def _settle(
    definition: Definition,
    step: Step,
    saga: Saga,
    error: BaseException,
    probe_at: datetime | None,
) -> None:
    if isinstance(error, ResumeForward):
        _go_forward(definition, saga, error)
    elif isinstance(error, ManualIntervention):
        _fail(saga, error)
    elif isinstance(error, Abort):
        _give_up(definition, saga, error)
    elif isinstance(error, Retry) and error.limitless:
        _retry(saga, step.retry, error, attempt=0, limitless=True)
    elif probe_at:
        _wait_for_dependency(saga, step, error, probe_at)
    elif saga.attempt < step.retry.max_attempts:
        _retry(saga, step.retry, error, attempt=saga.attempt)
    elif saga.pivot_at or saga.direction == Direction.UNDO:
        _fail(saga, error)
    else:
        _turn_back(definition, saga, error, TECHNICAL)


def lost(definition: Definition, saga: Saga, now: datetime) -> None:
    """Count a claim whose lease ended without a word: the worker died, or hangs.

    Raises LostClaim when the lease was renewed or given back since ``saga`` was read.
    """
    message = f"{saga.claimed_by} did not finish {saga.step} in time"
    error = TimeoutError(message)
    policy = definition.step(saga.step, undo=saga.direction == Direction.UNDO).retry
    # Locks the row, so that the lease cannot be renewed behind this look.
    if not Saga.objects.filter(pk=saga.pk, due_at__lte=now).update(relaunches=0):
        raise LostClaim(message)
    if saga.attempt >= policy.max_attempts:
        settle(definition, saga, error)
        return
    # A worker was alive to claim it, so the sweeper sends it and does not run it: a
    # step that kills its worker must not kill the sweeper as well.
    move(saga, relaunches=0, due_at=now, sweep_at=now)
    close_attempt(saga, Attempt.Outcome.LOST, error=error)
    compensation.heed(definition, saga)


def _retry(
    saga: Saga,
    policy: RetryPolicy,
    error: BaseException,
    *,
    attempt: int,
    limitless: bool = False,
) -> None:
    after = error.after if isinstance(error, Retry) else None
    # Without a count there is no growing pause; every order asks at once, so the
    # longest that the policy makes.
    number = policy.max_attempts if limitless else max(saga.attempt, 1)
    due = timezone.now() + (after or policy.delay(number))
    changes = _error(error) | {
        "attempt": attempt,
        "relaunches": 0,
        "due_at": due,
        "sweep_at": due,
    }
    if limitless and saga.alert_wanted_at is None:
        changes["alert_wanted_at"] = timezone.now()
    move(saga, **changes)
    close_attempt(saga, Attempt.Outcome.RETRY, error=error)
    logger.warning("%s: %s will be tried again: %s", saga, saga.step, plain(error))


def _wait_for_dependency(
    saga: Saga, step: Step, error: BaseException, probe_at: datetime
) -> None:
    # Never back to the first try: steps ask what became of the earlier ones.
    attempt = max(1, min(saga.attempt, step.retry.max_attempts - 1))
    changes = _error(error) | {
        "attempt": attempt,
        "relaunches": 0,
        "due_at": probe_at,
        "sweep_at": probe_at,
        "waiting_for": step.dependency,
    }
    move(saga, **changes)
    close_attempt(saga, Attempt.Outcome.RETRY, error=error)
    logger.warning("%s waits for %s: %s", saga, step.dependency, plain(error))


def _fail(saga: Saga, error: BaseException) -> None:
    now = timezone.now()
    changes = _error(error)
    move(saga, state=State.FAILED, failed_at=now, alert_wanted_at=now, **changes)
    close_attempt(saga, Attempt.Outcome.FAILED, error=error)
    logger.error("%s stopped at %s: %s", saga, saga.step, plain(error))


def _give_up(definition: Definition, saga: Saga, error: Abort) -> None:
    # Only the pivot's own call may be known to have had no effect.
    final = saga.pivot_at and (saga.branch or not error.nothing_taken)
    if saga.direction == Direction.UNDO or final:
        _fail(saga, error)
    else:
        _turn_back(definition, saga, error, error.reason)


def _turn_back(
    definition: Definition, saga: Saga, error: BaseException, reason: str
) -> None:
    """Start undoing at the step itself: a failed call may have left something.

    A branch only stands aside: its main path turns back, and has the branch undone.
    """
    if saga.branch:
        way = compensation.stand_aside()
    else:
        first = to_undo(definition, saga, tried=saga.step)
        way = compensation.backward(definition, saga, first) | {
            "direction": Direction.UNDO
        }
    way |= {"attempt": 0, "relaunches": 0, "pivot_at": None, "reason": reason}
    move(saga, **way, **_error(error))
    close_attempt(saga, Attempt.Outcome.REFUSED, error=error)
    logger.info("%s is undone from %s: %s", saga, saga.step, plain(error))
    compensation.follow_back(saga, way)


def _go_forward(definition: Definition, saga: Saga, error: ResumeForward) -> None:
    """The undo found the pivot passed: past it there is only forward."""
    try:
        way = compensation.forward_again(definition, saga, error.step)
    except ManualIntervention as refusal:
        _fail(saga, refusal)
        return
    move(saga, attempt=0, relaunches=0, **way)
    close_attempt(saga, Attempt.Outcome.REFUSED, error=error)
    logger.warning("%s goes forward again: %s", saga, plain(error))


def _error(error: BaseException) -> dict[str, Any]:
    return {
        "error": plain(error),
        "error_class": type(error).__name__,
        "error_kind": error.kind if isinstance(error, StepError) else "unexpected",
    }
