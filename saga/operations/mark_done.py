"""Marking a step as done: only on the outside's own word, never on ours."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from saga import branches
from saga.context import Context
from saga.definition import Definition, Step
from saga.errors import NotMarkable, StepError, Unproven
from saga.models import Attempt, Saga
from saga.operations import actions
from saga.results import PivotPassed, Wait


def mark_done(saga: Saga, actor: str, reason: str, *, seen: int | None = None) -> None:
    """Let the saga go on behind its present step, which was done by other means.

    First the step's proof asks the outside, without a transaction; then one fenced
    transaction records what it said. Raises Unproven, NotMarkable, Ended, GoingBack,
    Joining, Busy, Changed; then nothing was written.
    """
    standing, definition, step = read_markable(saga, seen)
    result = prove(standing, step)
    _record(saga, standing, definition, step, (result, actor, reason))


def read_markable(saga: Saga, seen: int | None) -> tuple[Saga, Definition, Step]:
    """Return the saga as it is now. Raises as mark_done does, but for Unproven."""
    standing = actions.read_at_step(saga, seen)
    definition, step = actions.step_of(standing)
    if step.prove is None:
        raise NotMarkable(standing.reference, step.name)
    return standing, definition, step


def prove(saga: Saga, step: Step) -> Any:
    """Ask the outside, which may take a while. Raises Unproven."""
    if step.prove is None:
        raise NotMarkable(saga.reference, step.name)
    try:
        return step.prove(Context(saga, step))
    except Unproven as error:
        message = f"{saga.reference}: {step.name} was not done: {error}"
        raise Unproven(message, saga.reference) from error


@transaction.atomic
def _record(
    saga: Saga,
    standing: Saga,
    definition: Definition,
    step: Step,
    said: tuple[Any, str, str],
) -> None:
    result, actor, reason = said
    # Locked before the effects, as a worker does: the two cannot wait for each other.
    actions.lock(standing)
    recorded = _recorded(standing, step, result)
    passed = step.pivot or isinstance(recorded, PivotPassed)
    output = recorded.output if isinstance(recorded, PivotPassed) else recorded
    now = timezone.now()
    changes = actions.running(now) | actions.without_error()
    changes |= branches.onward(definition, standing)
    if passed:
        changes["pivot_at"] = standing.pivot_at or now
    if output:
        changes["data"] = standing.data | {step.name: output}
    history = {
        "outcome": Attempt.Outcome.MARKED,
        "actor": actor,
        "note": reason,
        "output": output or {},
    }
    actions.write(saga, standing, changes, history)
    branches.follow(definition, standing, changes)


def _recorded(saga: Saga, step: Step, result: Any) -> PivotPassed | dict[str, Any]:
    """Write the step's effects, as if it had been done here."""
    if step.record is None:
        return result if isinstance(result, dict) else {}
    try:
        output = step.record(Context(saga, step), result)
    except StepError as error:
        message = f"{saga.reference}: {step.name} was not done: {error}"
        raise Unproven(message, saga.reference) from error
    if isinstance(output, Wait):
        message = f"{saga.reference}: {step.name} still waits: {output.reason}"
        raise Unproven(message, saga.reference)
    return output if isinstance(output, dict | PivotPassed) else {}
