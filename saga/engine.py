"""Run a saga's steps: claim, do, finish; then the next, until the saga must stop.

Only the database is trusted. Any number of workers, sweepers and stale messages may
call ``run`` for the same saga at once.
"""

import logging
import time
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from saga import circuit_breaker, transitions
from saga.claims import take
from saga.commit import RunScope, Written, apply, fail_again, finish
from saga.compensation import advance_joining
from saga.errors import Abort, LostClaim, UnknownDefinition
from saga.execution import Execution
from saga.log_context import about
from saga.models import CLAIMABLE, Direction, Saga, State
from saga.step import Context, Kind, Step
from saga.versions import hold_back, take_up
from shop.database_clock import Now
from shop.traces.spans import span

logger = logging.getLogger(__name__)

# Seconds in which one call runs children: a Map may have thousands, which the sweeper
# finds by themselves.
CHILDREN_AT_MOST = 10.0


class Result(Enum):
    """What a link's task should do with the rest of its chain."""

    PASSED = "passed"
    STOPPED = "stopped"


def run(saga_id: int, link: str | None = None) -> Result:
    """Run the saga's steps, or only those that ``link`` carries if one is given.

    Returns PASSED if the saga is beyond the link (or done), so that the next link may
    go on. Returns STOPPED if it waits, failed, is undone, is due later, or is claimed
    by another worker. Undoing needs no links: any run does it. Without a link, the
    children of the saga are run as well, for a while if there are many.
    """
    result = _run_alone(saga_id, link)
    enough = time.monotonic() + CHILDREN_AT_MOST
    while link is None and result is Result.STOPPED and _run_children(saga_id):
        result = _run_alone(saga_id, None)
        if time.monotonic() > enough:
            break
    return result


def _run_children(saga_id: int) -> bool:
    """Run the children that have not ended. Return whether any of them moved."""
    before = list(_progress_of_children(saga_id))
    for pk, *_progress in before:
        run(pk)
    return bool(before) and list(_progress_of_children(saga_id)) != before


def _progress_of_children(saga_id: int) -> QuerySet[Saga, tuple[Any, ...]]:
    children = Saga.objects.live().filter(parent=saga_id).order_by("pk")
    return children.values_list("pk", "state", "step", "fence", "direction")


def _run_alone(saga_id: int, link: str | None) -> Result:
    saga = _read(saga_id)
    while True:
        if saga.state == State.DONE:
            return Result.PASSED
        if saga.state == State.JOINING and _join(saga, link):
            saga = _read(saga_id)
            continue
        if saga.state not in CLAIMABLE:
            return Result.STOPPED
        with about(saga):
            execution = take_up(saga)
        if execution is None:
            return Result.STOPPED
        saga, step = execution.saga, execution.step
        scope = RunScope(execution.definition, link)
        if saga.direction == Direction.DO and not scope.carries(step):
            return Result.PASSED if scope.is_past(step) else Result.STOPPED
        with about(saga):
            written = _run_step(scope, execution)
        if written is None:
            return Result.STOPPED
        saga = written.saga or _read(saga_id)


# By hand, because it runs several times for every order.
_READ = "SELECT *, due_at <= {now} AS is_due FROM saga_saga WHERE id = %s"


def _read(saga_id: int) -> Saga:
    """Return the saga, with ``is_due``. Raises DoesNotExist."""
    now, values = Now().as_sql(None, connection)
    for saga in Saga.objects.raw(_READ.format(now=now), [*values, saga_id]):
        return saga
    raise Saga.DoesNotExist


def _join(saga: Saga, link: str | None) -> bool:
    """Advance a joining saga. Return whether it could."""
    if link is not None and saga.direction == Direction.DO:
        # The child that ends last lets it go on; no message needs to.
        return False
    try:
        return advance_joining(saga)
    except UnknownDefinition as error:
        hold_back(saga, error)
        return False


def _run_step(scope: RunScope, execution: Execution) -> Written | None:
    """Run the present step once, and what follows at once.

    Returns None if the claim was not free, or was lost on the way.
    """
    saga, step = execution.saga, execution.step
    if step.dependency and (until := circuit_breaker.admit(step, saga)):
        return _park(execution, until)
    run_it = _run_local if step.kind is Kind.LOCAL else _run_external
    try:
        written = run_it(scope, execution)
        while written is not None and written.held is not None:
            written = _call(scope, written.held, written.held.saga)
    except LostClaim as error:
        logger.warning("%s", error)
        return None
    return written


def _park(execution: Execution, until: datetime) -> Written | None:
    """Let the saga wait for its dependency, unless it has no time left for that."""
    saga, step = execution.saga, execution.step
    if step.may_wait and saga.direction == Direction.DO and not saga.pivot_at:
        try:
            step.may_wait(Context(saga, step))
        except Abort as error:
            return fail_again(execution, error)
    circuit_breaker.park(saga, step.dependency, until)
    return None


def _run_local(scope: RunScope, execution: Execution) -> Written | None:
    """Claim, effects and finish in one transaction: a crash is a rollback.

    A claim that is rolled back counts no attempt. So once the sweeper had to relaunch
    the saga, the claim is committed first: then a step that kills its worker is counted
    and given up in the end, instead of being tried for ever.
    """
    saga, step = execution.saga, execution.step
    if saga.relaunches:
        context = _commit_claim(step, saga)
        return None if context is None else finish(scope, context, None)
    try:
        with transaction.atomic():
            claimed = take(saga, step.lease)
            if claimed is None:
                return None
            return Written(apply(execution.at(claimed), Context(claimed, step), None))
    except LostClaim:
        raise
    except Exception as error:  # noqa: BLE001 (a step may raise anything; written below)
        return fail_again(execution, error)


def _run_external(scope: RunScope, execution: Execution) -> Written | None:
    saga, step, begun = execution.saga, execution.step, None
    if step.begin and _is_first_try(saga):
        try:
            begun = step.begin(Context(saga, step))
        except Exception as error:  # noqa: BLE001 (as if it came from ``do``; written below)
            probe_at = circuit_breaker.record_failure(step, saga, error)
            return fail_again(execution, error, probe_at)
    try:
        context = _commit_claim(step, saga, begun)
    except Exception as error:  # noqa: BLE001 (prepare may raise anything; written below)
        return fail_again(execution, error)
    return None if context is None else _call(scope, context, saga)


def _is_first_try(saga: Saga) -> bool:
    """Return whether the step is due and nothing went wrong with it so far."""
    untried = saga.attempt == saga.relaunches == 0 and not saga.claimed_by
    return untried and saga.direction == Direction.DO and saga.is_due


def _commit_claim(step: Step, saga: Saga, begun: object = None) -> Context | None:
    """Commit the claim, and what must be true before the outside is called."""
    forward = saga.direction == Direction.DO
    pivot = step.pivot and forward
    if not saga.claimed_by and not (step.prepare and forward):
        # A single statement needs no BEGIN and COMMIT.
        claimed = take(saga, step.lease, pivot=pivot)
        return None if claimed is None else Context(claimed, step, begun)
    with transaction.atomic():
        claimed = take(saga, step.lease, pivot=pivot)
        if claimed is None:
            return None
        context = Context(claimed, step, begun)
        if step.prepare and forward:
            step.prepare(context)
    return context


def _call(scope: RunScope, context: Context, before: Saga) -> Written | None:
    """Call the outside for a claimed step, and finish it.

    ``before`` is the saga before the claim, which still shows what it was parked for.
    """
    step = context.step
    call = step.do if context.saga.direction == Direction.DO else step.undo
    try:
        with about(context.saga), span(step.name):
            result = call(context) if call else None
    except LostClaim:
        raise
    except Exception as error:  # noqa: BLE001 (a step may raise anything; written here)
        probe_at = circuit_breaker.record_failure(step, before, error)
        with transaction.atomic():
            transitions.fail(scope.execution(context), error, probe_at=probe_at)
        return Written()
    circuit_breaker.record_answer(step, before)
    return finish(scope, context, result)
