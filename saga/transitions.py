"""Where a saga goes after a step: on, retry, undo, or stop for staff.

Every function runs inside the caller's transaction and begins with the fenced
update, so a caller whose claim was lost writes nothing.
"""

import logging
import random
from datetime import datetime, timedelta
from typing import Any

from saga import branches, compensation
from saga.changes import SagaChanges, due_at, reset
from saga.claims import claimed_ahead, close_attempt, describe, move, move_and_return
from saga.definition import CHOSEN
from saga.errors import (
    Abort,
    LostClaim,
    ManualIntervention,
    ResumeForward,
    Retry,
    StepError,
)
from saga.execution import Execution
from saga.history import find_undo
from saga.models import Attempt, Direction, Saga, State
from saga.processes import is_alive
from saga.results import Choice
from saga.step import RetryPolicy, Step
from shop.database_clock import Now, Time

logger = logging.getLogger(__name__)

# The reason that undo steps read when it was a fault and not a decision.
TECHNICAL = "technical"
# How many pauses of a retry those are spread over that a worker took with it twice.
APART = 10


def succeed(
    execution: Execution,
    output: dict[str, Any] | None,
    *,
    ahead: Step | None = None,
    pivot: bool = False,
) -> Saga | None:
    """Move forward to the next step, or end the saga. Return the saga as it is then.

    Returns None if its parent or children may have moved it further. ``ahead`` is the
    next step if the same worker goes on with it at once: then the update that moves the
    saga also claims that step. ``pivot`` says that the step passed the pivot.
    """
    saga = execution.saga
    changes = reset() | branches.plan_onward(execution)
    if ahead:
        changes |= claimed_ahead(saga, ahead.lease, pivot=ahead.pivot)
    if pivot:
        changes["pivot_at"] = saga.pivot_at or Now()
    if output:
        changes["data"] = saga.data | {saga.step: output}
    moved = move_and_return(saga, changes)
    close_attempt(saga, Attempt.Outcome.OK, output)
    branches.follow(execution, moved)
    compensation.turn_if_asked(execution)
    if moved.state == State.JOINING or compensation.may_be_turned(execution):
        return None
    return moved


def choose(execution: Execution, choice: Choice) -> None:
    """Move forward to the step that the claimed one chose."""
    saga, definition = execution.saga, execution.definition
    step = definition.chosen(execution.step, choice.step)
    name = step.name if step else choice.step
    output = {**(choice.output or {}), CHOSEN: name}
    changes = reset() | branches.plan_to(execution, step)
    moved = move_and_return(saga, changes | {"data": saga.data | {saga.step: output}})
    close_attempt(saga, Attempt.Outcome.OK, output)
    branches.follow(execution, moved)
    compensation.turn_if_asked(execution)


def succeed_undo(execution: Execution, output: dict[str, Any] | None) -> None:
    """Move backward to the next step that has an undo, or end the saga."""
    saga = execution.saga
    earlier = find_undo(execution, undone=saga.step)
    changes = reset() | compensation.plan_backward(execution, earlier)
    move(saga, changes)
    close_attempt(saga, Attempt.Outcome.OK, output)
    compensation.follow_back(saga, changes)


def fail(
    execution: Execution, error: BaseException, *, probe_at: datetime | None = None
) -> None:
    """Retry, compensate or stop, as ``error`` demands that the claimed step raised.

    ``probe_at``: the step's dependency is known to be down until then at least, so
    the saga waits for it and does not use up its tries.
    """
    _respond(execution, error, probe_at)
    compensation.turn_if_asked(execution)


def _respond(
    execution: Execution, error: BaseException, probe_at: datetime | None
) -> None:
    saga, step = execution.saga, execution.step
    if isinstance(error, ResumeForward):
        _resume_forward(execution, error)
    elif isinstance(error, ManualIntervention):
        _stop(saga, error)
    elif isinstance(error, Abort):
        _abort(execution, error)
    elif isinstance(error, Retry) and error.limitless:
        _retry(saga, step.retry, error, attempt=0, limitless=True)
    elif probe_at:
        _wait_for_dependency(saga, step, error, probe_at)
    elif saga.attempt < step.retry.max_attempts:
        _retry(saga, step.retry, error, attempt=saga.attempt)
    elif _is_for_staff(execution):
        _stop(saga, error)
    else:
        _turn_back(execution, error, TECHNICAL)


def _is_for_staff(execution: Execution) -> bool:
    """Return whether a saga stops when its tries are used up, and does not turn back.

    Nobody waits for a background saga, so staff decide, and nothing ends in silence.
    """
    saga, definition = execution.saga, execution.definition
    is_final = saga.pivot_at or saga.direction == Direction.UNDO
    return bool(is_final or definition.background)


def count_lost(execution: Execution, now: Time) -> None:
    """Count a claim as lost whose lease has ended: its worker died, or hangs.

    Raises LostClaim if the lease was renewed or given back since the saga was read.
    """
    saga = execution.saga
    message = f"{saga.claimed_by} did not finish {saga.step} in time"
    error = TimeoutError(message)
    policy = execution.step.retry
    # Locks the row, so that the lease cannot be renewed meanwhile.
    if not Saga.objects.filter(pk=saga.pk, due_at__lte=now).update(relaunches=0):
        raise LostClaim(message)
    if saga.attempt >= policy.max_attempts:
        fail(execution, error)
        return
    # A worker was alive to claim it, so the sweeper enqueues it and does not run it: a
    # step that kills its worker must not kill the sweeper as well.
    together = saga.attempt > 1 and not is_alive(saga.claimed_by)
    again = Now(_apart(policy, saga.attempt)) if together else now
    move(saga, {"relaunches": 0, **due_at(again)})
    close_attempt(saga, Attempt.Outcome.LOST, error=error)
    compensation.turn_if_asked(execution)


def _apart(policy: RetryPolicy, attempt: int) -> timedelta:
    """Return a random pause for a step that was lost again, with its process.

    If a step kills its worker, all others that it was doing are lost as well. Tried
    again together, they would die together until none has a try left.
    """
    return policy.delay(attempt) * random.uniform(0, APART)  # noqa: S311


def _retry(
    saga: Saga,
    policy: RetryPolicy,
    error: BaseException,
    *,
    attempt: int,
    limitless: bool = False,
) -> None:
    after = error.after if isinstance(error, Retry) else None
    # Without a count the pause does not grow, and every saga asks at once: so the
    # longest pause of the policy.
    number = policy.max_attempts if limitless else max(saga.attempt, 1)
    due = Now(after or policy.delay(number))
    later: SagaChanges = {"attempt": attempt, "relaunches": 0, **due_at(due)}
    if limitless and saga.alert_wanted_at is None:
        later["alert_wanted_at"] = Now()
    move(saga, _error(error) | later)
    close_attempt(saga, Attempt.Outcome.RETRY, error=error)
    logger.warning("%s: %s will be tried again: %s", saga, saga.step, describe(error))


def _wait_for_dependency(
    saga: Saga, step: Step, error: BaseException, probe_at: datetime
) -> None:
    later: SagaChanges = {
        # Not back to the first try: steps ask for the outcome of earlier tries.
        "attempt": max(1, min(saga.attempt, step.retry.max_attempts - 1)),
        "relaunches": 0,
        **due_at(probe_at),
        "waiting_for": step.dependency,
    }
    move(saga, _error(error) | later)
    close_attempt(saga, Attempt.Outcome.RETRY, error=error)
    logger.warning("%s waits for %s: %s", saga, step.dependency, describe(error))


def _stop(saga: Saga, error: BaseException) -> None:
    stopped: SagaChanges = {
        "state": State.FAILED,
        "failed_at": Now(),
        "alert_wanted_at": Now(),
    }
    move(saga, stopped | _error(error))
    close_attempt(saga, Attempt.Outcome.FAILED, error=error)
    branches.make_room(saga)
    logger.error("%s stopped at %s: %s", saga, saga.step, describe(error))


def _abort(execution: Execution, error: Abort) -> None:
    saga = execution.saga
    # Only the pivot's own call may be known to have had no effect.
    final = saga.pivot_at and (saga.branch or not error.nothing_taken)
    if saga.direction == Direction.UNDO or final:
        _stop(saga, error)
    else:
        _turn_back(execution, error, error.reason)


def _turn_back(execution: Execution, error: BaseException, reason: str) -> None:
    """Start undoing at the step itself: a failed call may have left something.

    A branch only waits for its turn: its main path turns back, and has it undone.
    """
    saga = execution.saga
    if saga.branch:
        way = compensation.wait_for_turn()
    else:
        first = find_undo(execution, tried=saga.step)
        way = compensation.plan_backward(execution, first)
        way["direction"] = Direction.UNDO
    way |= {"attempt": 0, "relaunches": 0, "pivot_at": None, "reason": reason}
    move(saga, way | _error(error))
    close_attempt(saga, Attempt.Outcome.REFUSED, error=error)
    logger.info("%s is undone from %s: %s", saga, saga.step, describe(error))
    compensation.follow_back(saga, way)


def _resume_forward(execution: Execution, error: ResumeForward) -> None:
    """Go forward again: the undo found that the pivot had been passed."""
    saga = execution.saga
    try:
        way = compensation.plan_forward(execution, error.step)
    except ManualIntervention as refusal:
        _stop(saga, refusal)
        return
    move(saga, {"attempt": 0, "relaunches": 0, **way})
    close_attempt(saga, Attempt.Outcome.REFUSED, error=error)
    logger.warning("%s goes forward again: %s", saga, describe(error))


def _error(error: BaseException) -> SagaChanges:
    return {
        "error": describe(error),
        "error_class": type(error).__name__,
        "error_kind": error.kind if isinstance(error, StepError) else "unexpected",
    }
