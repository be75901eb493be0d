"""Mark a step as done: only if the outside confirms that it was."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from saga import branches
from saga.errors import NotMarkable, StepError, Unproven
from saga.execution import Execution
from saga.models import Attempt, Saga
from saga.operations import actions
from saga.results import PivotPassed, SpinOff, Wait
from saga.step import Context
from shop.database_clock import Now


@dataclass(frozen=True)
class Proof:
    """What the outside answered, and who asked for it and why."""

    result: Any
    actor: str
    reason: str


def mark_done(saga: Saga, actor: str, reason: str, *, seen: int | None = None) -> None:
    """Continue the saga after its present step, which was done by other means.

    First the step's proof asks the outside, without a transaction; then one fenced
    transaction records the answer. Raises Unproven, NotMarkable, Ended, GoingBack,
    Joining, Busy, Changed; then nothing was written.
    """
    execution = read_markable(saga, seen)
    _record(saga, execution, Proof(prove(execution), actor, reason))


def read_markable(saga: Saga, seen: int | None) -> Execution:
    """Return the saga as it is now. Raises as mark_done does, except Unproven."""
    execution = actions.read_at_step(saga, seen)
    if execution.step.prove is None:
        raise NotMarkable(execution.saga.reference, execution.step.name)
    return execution


def prove(execution: Execution) -> Any:
    """Ask the outside, which may take a while. Raises Unproven."""
    saga, step = execution.saga, execution.step
    if step.prove is None:
        raise NotMarkable(saga.reference, step.name)
    try:
        return step.prove(Context(saga, step))
    except Unproven as error:
        message = f"{saga.reference}: {step.name} was not done: {error}"
        raise Unproven(message, saga.reference) from error


@transaction.atomic
def _record(saga: Saga, execution: Execution, proof: Proof) -> None:
    read_as, step = execution.saga, execution.step
    # Locked before the effects, as a worker does: the two cannot wait for each other.
    actions.lock(read_as)
    recorded = _write_effects(execution, proof.result)
    passed = step.pivot or isinstance(recorded, PivotPassed)
    output = recorded.output if isinstance(recorded, PivotPassed) else recorded
    changes = actions.restarted() | actions.without_error()
    changes |= branches.plan_onward(execution)
    if passed:
        changes["pivot_at"] = read_as.pivot_at or Now()
    if output:
        changes["data"] = read_as.data | {step.name: output}
    entry: actions.Entry = {
        "outcome": Attempt.Outcome.MARKED,
        "actor": proof.actor,
        "note": proof.reason,
        "output": output or {},
    }
    actions.write(saga, read_as, changes, entry)
    branches.follow(execution, saga)


def _write_effects(execution: Execution, result: Any) -> PivotPassed | dict[str, Any]:
    """Write the step's effects, as if it had been done here. Return its output."""
    saga, step = execution.saga, execution.step
    if step.record is None:
        return result if isinstance(result, dict) else {}
    try:
        output = step.record(Context(saga, step), result)
        if isinstance(output, SpinOff):
            branches.spin_off(execution, output)
            output = output.output
    except StepError as error:
        message = f"{saga.reference}: {step.name} was not done: {error}"
        raise Unproven(message, saga.reference) from error
    if isinstance(output, Wait):
        message = f"{saga.reference}: {step.name} still waits: {output.reason}"
        raise Unproven(message, saga.reference)
    return output if isinstance(output, dict | PivotPassed) else {}
