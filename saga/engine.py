"""Running a saga's steps: claim, do, finish; then the next, until it must stop.

Trusts nothing but the database. Any number of workers, sweepers and stale messages
may call ``run`` for the same saga at once.
"""

import logging
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from saga import circuit_breaker, transitions
from saga.claims import take
from saga.commit import RunScope, Written, apply, finish, settle_again
from saga.compensation import look_again
from saga.context import Context
from saga.definition import Kind, Step
from saga.errors import Abort, LostClaim, UnknownDefinition
from saga.models import CLAIMABLE, Direction, Saga, State
from saga.versions import hold_back, take_up

logger = logging.getLogger(__name__)


class Result(Enum):
    """What a link's task should do with the rest of its chain."""

    PASSED = "passed"
    STOPPED = "stopped"


def run(saga_id: int, link: str | None = None) -> Result:
    """Run the saga's steps, only those that ``link`` carries when one is given.

    PASSED: the saga is beyond the link (or done), the next link may go on. STOPPED:
    it waits, failed, is undone, is due later, or somebody else has it. Undoing needs
    no links: it is done here and now, whoever comes. Without a link, what belongs to
    the saga is run as well.
    """
    result = _run_alone(saga_id, link)
    while link is None and result is Result.STOPPED and _run_members(saga_id):
        result = _run_alone(saga_id, None)
    return result


def _run_members(saga_id: int) -> bool:
    """Run what belongs to the saga and has not ended; whether anything moved."""
    before = list(_standing_of_members(saga_id))
    for pk, *_standing in before:
        run(pk)
    return bool(before) and list(_standing_of_members(saga_id)) != before


def _standing_of_members(saga_id: int) -> QuerySet[Saga, tuple[Any, ...]]:
    members = Saga.objects.live().filter(parent=saga_id).order_by("pk")
    return members.values_list("pk", "state", "step", "fence", "direction")


def _run_alone(saga_id: int, link: str | None) -> Result:
    saga = Saga.objects.get(pk=saga_id)
    while True:
        if saga.state == State.DONE:
            return Result.PASSED
        if saga.state == State.JOINING and _join(saga, link):
            saga = Saga.objects.get(pk=saga_id)
            continue
        if saga.state not in CLAIMABLE:
            return Result.STOPPED
        known = take_up(saga)
        if known is None:
            return Result.STOPPED
        definition, step = known
        scope = RunScope(definition, link)
        if saga.direction == Direction.DO and not scope.carries(step):
            return Result.PASSED if scope.is_past(step) else Result.STOPPED
        written = _run_step(scope, step, saga)
        if written is None:
            return Result.STOPPED
        saga = written.saga or Saga.objects.get(pk=saga_id)


def _join(saga: Saga, link: str | None) -> bool:
    """Let a joining saga go on if it can; whether it does."""
    if link is not None and saga.direction == Direction.DO:
        # Whatever ends last lets it go on; no message needs to ask.
        return False
    try:
        return look_again(saga)
    except UnknownDefinition as error:
        hold_back(saga, error)
        return False


def _run_step(scope: RunScope, step: Step, saga: Saga) -> Written | None:
    """Run the present step once, and what follows at once.

    None: it was not ours, or was lost on the way.
    """
    if step.dependency and (until := circuit_breaker.admit(step, saga)):
        return _park(scope, step, saga, until)
    run_it = _run_local if step.kind is Kind.LOCAL else _run_external
    try:
        written = run_it(scope, step, saga)
        while written is not None and written.held is not None:
            written = _call(scope, written.held, written.held.saga)
    except LostClaim as error:
        logger.warning("%s", error)
        return None
    return written


def _park(scope: RunScope, step: Step, saga: Saga, until: datetime) -> Written | None:
    """Let the saga wait for its dependency, unless it has no time left for that."""
    if step.may_wait and saga.direction == Direction.DO and not saga.pivot_at:
        try:
            step.may_wait(Context(saga, step))
        except Abort as error:
            return settle_again(scope, step, saga, error)
    circuit_breaker.park(saga, step.dependency, until)
    return None


def _run_local(scope: RunScope, step: Step, saga: Saga) -> Written | None:
    """Claim, effects and finish in one transaction: a crash is a rollback.

    A rolled back claim counts no attempt. So once the sweeper had to relaunch the
    saga, the claim is committed first: a step that kills its worker is then counted
    and in the end given up, instead of being tried for ever.
    """
    if saga.relaunches:
        context = _commit_claim(step, saga)
        return None if context is None else finish(scope, context, None)
    try:
        with transaction.atomic():
            claimed = take(step, saga)
            if claimed is None:
                return None
            return Written(apply(scope.definition, Context(claimed, step), None))
    except LostClaim:
        raise
    except Exception as error:  # noqa: BLE001 (a step may raise anything; settled below)
        return settle_again(scope, step, saga, error)


def _run_external(scope: RunScope, step: Step, saga: Saga) -> Written | None:
    begun = None
    if step.begin and _is_first_try(saga):
        try:
            begun = step.begin(Context(saga, step))
        except Exception as error:  # noqa: BLE001 (as if it came from ``do``; settled below)
            probe_at = circuit_breaker.failed(step, saga, error)
            return settle_again(scope, step, saga, error, probe_at)
    try:
        context = _commit_claim(step, saga, begun)
    except Exception as error:  # noqa: BLE001 (prepare may raise anything; settled below)
        return settle_again(scope, step, saga, error)
    return None if context is None else _call(scope, context, saga)


def _is_first_try(saga: Saga) -> bool:
    """Whether the step is due and nothing went wrong with it so far."""
    untried = saga.attempt == saga.relaunches == 0 and not saga.claimed_by
    return untried and saga.direction == Direction.DO and saga.due_at <= timezone.now()


def _commit_claim(step: Step, saga: Saga, begun: object = None) -> Context | None:
    """Commit the claim, and what must be true before the outside is called."""
    forward = saga.direction == Direction.DO
    pivot = step.pivot and forward
    if not saga.claimed_by and not (step.prepare and forward):
        # One statement is a transaction without being told so.
        claimed = take(step, saga, pivot=pivot)
        return None if claimed is None else Context(claimed, step, begun)
    with transaction.atomic():
        claimed = take(step, saga, pivot=pivot)
        if claimed is None:
            return None
        context = Context(claimed, step, begun)
        if step.prepare and forward:
            step.prepare(context)
    return context


def _call(scope: RunScope, context: Context, before: Saga) -> Written | None:
    """Call the outside for a claimed step, and finish it.

    ``before`` is the saga as it was before the claim, which made it forget what it
    was parked for.
    """
    step = context.step
    call = step.do if context.saga.direction == Direction.DO else step.undo
    try:
        result = call(context) if call else None
    except LostClaim:
        raise
    except Exception as error:  # noqa: BLE001 (a step may raise anything; settled here)
        probe_at = circuit_breaker.failed(step, before, error)
        with transaction.atomic():
            transitions.settle(scope.definition, context.saga, error, probe_at=probe_at)
        return Written()
    circuit_breaker.answered(step, before)
    return finish(scope, context, result)
