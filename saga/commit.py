"""The transaction that finishes a step and does steps ahead (docs/adr/0008).

Behind an external step it does the local ones that follow, and claims the external one
behind those. If anything fails there, all is rolled back and written again without the
step that failed: the call to the outside stands, and the failure is that step's own.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from saga import (
    approvals,
    branches,
    circuit_breaker,
    compensation,
    items,
    pauses,
    transitions,
)
from saga.claims import take
from saga.definition import Definition
from saga.errors import LostClaim
from saga.execution import Execution
from saga.log_context import about
from saga.models import Direction, Saga
from saga.results import (
    Choice,
    PivotPassed,
    SpinOff,
    StartChild,
    StartItems,
    Wait,
)
from saga.step import Context, Kind, Step
from shop.traces.spans import span

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunScope:
    """Which steps a run may do: all, or those that one link carries."""

    definition: Definition
    link: str | None

    def execution(self, context: Context) -> Execution:
        """Return the execution of the step in ``context``."""
        return Execution(context.saga, self.definition)

    def carries(self, step: Step) -> bool:
        return self.link is None or self.definition.carries(self.link, step)

    def is_past(self, step: Step) -> bool:
        """Return whether ``step`` comes after all that this run may do."""
        return self.link is not None and self.definition.is_behind(step.name, self.link)

    def ahead(self, context: Context, until: Step | None) -> Step | None:
        """Return the next step, if the transaction that finishes this may go on to it.

        Only at the first try: a worker that dies ahead costs the present step a try,
        so the step must have another one, and must not itself be the suspect.
        """
        saga, step = context.saga, context.step
        if saga.direction == Direction.UNDO or saga.attempt > 1 or saga.relaunches:
            return None
        following = self.definition.after(step.name)
        if following in (None, until) or saga.attempt >= step.retry.max_attempts:
            return None
        if step.choices:
            return None
        return following if following and self._is_open(following, saga) else None

    def _is_open(self, following: Step, saga: Saga) -> bool:
        """Return whether ``following`` can be done at once, with nothing before it."""
        definition = self.definition
        return not (
            following.begin
            or not self.carries(following)
            or following.branch != saga.branch
            or definition.joined_before(following)
            or compensation.may_be_turned(Execution(saga, definition))
            or circuit_breaker.is_suspected(following, saga)
        )


@dataclass(frozen=True)
class Written:
    """The saga after a transaction, or None if it must be read again.

    ``held`` is the external step that was claimed ahead.
    """

    saga: Saga | None = None
    held: Context | None = None


class _FailedAhead(Exception):
    """A step behind the finished one failed."""

    def __init__(self, step: Step, error: Exception) -> None:
        super().__init__(f"{step.name}: {error!r}")
        self.step = step
        self.error = error


def finish(scope: RunScope, context: Context, result: object) -> Written | None:
    """Write the result of a claimed step, or its failure. Raises LostClaim."""
    try:
        return _write(scope, context, result)
    except LostClaim:
        raise
    except Exception as error:  # noqa: BLE001 (a step may raise anything; written here)
        with transaction.atomic():
            transitions.fail(scope.execution(context), error)
    return Written()


def apply(
    execution: Execution, context: Context, result: object, ahead: Step | None = None
) -> Saga | None:
    """Write the step's effects and where the saga goes, in the open transaction.

    Returns the saga as it is then, claimed for ``ahead`` if that is given. Returns None
    if it did not simply move on to the next step.
    """
    with about(context.saga):
        return _apply(execution, context, result, ahead)


def _apply(
    execution: Execution, context: Context, result: object, ahead: Step | None
) -> Saga | None:
    saga, step = context.saga, context.step
    if saga.direction == Direction.UNDO:
        _apply_undo(execution, context, result)
        return None
    if step.kind is Kind.LOCAL:
        with span(step.name):
            result = _do_here(execution, context)
    elif step.record:
        result = step.record(context, result)
    if _leads_elsewhere(execution, result):
        return None
    passed = isinstance(result, PivotPassed)
    output = _output(execution, result)
    return transitions.succeed(execution, output, ahead=ahead, pivot=passed)


def _apply_undo(execution: Execution, context: Context, result: object) -> None:
    step = context.step
    if step.kind is Kind.LOCAL and step.undo:
        with span(step.name):
            result = step.undo(context)
    elif step.record_undo:
        result = step.record_undo(context, result)
    transitions.succeed_undo(execution, result if isinstance(result, dict) else None)


def _leads_elsewhere(execution: Execution, result: object) -> bool:
    """Write a result that does not lead to the next step. Return whether it is one."""
    if isinstance(result, Wait):
        pauses.wait(execution, result)
    elif isinstance(result, StartChild):
        pauses.start_child(execution, result)
    elif isinstance(result, StartItems):
        pauses.start_items(execution, result)
    elif isinstance(result, Choice):
        transitions.choose(execution, result)
    else:
        return False
    return True


def _do_here(execution: Execution, context: Context) -> object:
    """Do a local step, once its approval was given and its items have ended."""
    step = context.step
    if step.approval and (pause := approvals.await_decision(context, step.approval)):
        return pause
    if step.over and (count := items.pending_items(execution)):
        return StartItems(count)
    return step.do(context)


def _output(execution: Execution, result: object) -> dict[str, Any] | None:
    """Return the step's output; begin the saga that it leaves behind, if it does."""
    if isinstance(result, SpinOff):
        branches.spin_off(execution, result)
    returned = result.output if isinstance(result, PivotPassed | SpinOff) else result
    return returned if isinstance(returned, dict) else None


def fail_again(
    execution: Execution, error: Exception, probe_at: datetime | None = None
) -> Written | None:
    """Write a failure after a rollback that took the claim with it: claim again first.

    Returns None if the claim is not free any more.
    """
    with transaction.atomic():
        claimed = take(execution.saga, execution.step.lease)
        if claimed is None:
            return None
        transitions.fail(execution.at(claimed), error, probe_at=probe_at)
    return Written()


def _write(scope: RunScope, context: Context, result: object) -> Written | None:
    """Write the step's effects and go on, in one transaction."""
    failed: _FailedAhead | None = None
    while True:
        try:
            with transaction.atomic():
                until = failed.step if failed else None
                written = _go_on(scope, context, result, until)
        except _FailedAhead as error:
            failed = error
            # The rows in memory may show what has been rolled back.
            context.kept.clear()
            continue
        if failed is None or written.saga is None:
            return written
        return fail_again(Execution(written.saga, scope.definition), failed.error)


def _go_on(
    scope: RunScope, context: Context, result: object, until: Step | None
) -> Written:
    """Write the step's effects, then those of the steps ahead up to ``until``."""
    ahead = scope.ahead(context, until)
    saga = apply(scope.execution(context), context, result, ahead)
    while saga is not None and ahead is not None:
        context = Context(saga, ahead, kept=context.kept)
        following = scope.ahead(context, until)
        try:
            if ahead.kind is Kind.EXTERNAL:
                if ahead.prepare:
                    ahead.prepare(context)
                return Written(saga, context)
            saga = apply(scope.execution(context), context, None, following)
        except Exception as error:
            raise _FailedAhead(ahead, error) from error
        ahead = following
    return Written(saga)
