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

from checkout.saga import breaker, settle
from checkout.saga.claims import claim, open_attempt
from checkout.saga.context import Context
from checkout.saga.definition import Definition, Kind, NoWayBack, Step, Wait
from checkout.saga.errors import GiveUp, LostClaim, UnknownDefinition
from checkout.saga.models import CLAIMABLE, Direction, Saga, State
from checkout.saga.recall import look_again
from checkout.saga.versions import hold_back, take_up

logger = logging.getLogger(__name__)


class Result(Enum):
    """What a link's task should do with the rest of its chain."""

    PASSED = "passed"
    STOPPED = "stopped"


def run(saga_id: int, link: str | None = None) -> Result:
    """Run the saga's steps, only those that ride in ``link`` when one is given.

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
    while True:
        saga = Saga.objects.get(pk=saga_id)
        if saga.state == State.DONE:
            return Result.PASSED
        if saga.state == State.JOINING and _join(saga, link):
            continue
        if saga.state not in CLAIMABLE:
            return Result.STOPPED
        known = take_up(saga)
        if known is None:
            return Result.STOPPED
        definition, step = known
        if saga.direction == Direction.DO and link is not None and step.link != link:
            behind = definition.is_behind(saga.step, link)
            return Result.PASSED if behind else Result.STOPPED
        if not _run_step(definition, step, saga):
            return Result.STOPPED


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


def _run_step(definition: Definition, step: Step, saga: Saga) -> bool:
    """Run the present step once. False: it was not ours, or was lost on the way."""
    if step.dependency and (until := breaker.admit(step, saga)):
        return _park(definition, step, saga, until)
    try:
        if step.kind is Kind.LOCAL:
            return _run_local(definition, step, saga)
        return _run_external(definition, step, saga)
    except LostClaim as error:
        logger.warning("%s", error)
        return False


def _park(definition: Definition, step: Step, saga: Saga, until: datetime) -> bool:
    """Let the saga wait for its dependency, unless it has no time left for that."""
    if step.may_wait and saga.direction == Direction.DO and not saga.pivot_at:
        try:
            step.may_wait(Context(saga, step))
        except GiveUp as error:
            return _settle_anew(definition, step, saga, error)
    breaker.park(saga, step.dependency, until)
    return False


def _run_local(definition: Definition, step: Step, saga: Saga) -> bool:
    """Claim, effects and finish in one transaction: a crash is a rollback.

    A rolled back claim counts no attempt. So once the sweeper had to relaunch the
    saga, the claim is committed first: a step that kills its worker is then counted
    and in the end given up, instead of being tried for ever.
    """
    if saga.relaunches:
        claimed = _commit_claim(step, saga)
        return claimed is not None and _finish(definition, step, claimed, None)
    try:
        with transaction.atomic():
            claimed = claim(saga, step.lease)
            if claimed is None:
                return False
            _apply(definition, step, claimed, None)
    except LostClaim:
        raise
    except Exception as error:  # noqa: BLE001 (a step may raise anything; settled below)
        return _settle_anew(definition, step, saga, error)
    return True


def _run_external(definition: Definition, step: Step, saga: Saga) -> bool:
    forward = saga.direction == Direction.DO
    try:
        claimed = _commit_claim(step, saga)
    except Exception as error:  # noqa: BLE001 (prepare may raise anything; settled below)
        return _settle_anew(definition, step, saga, error)
    if claimed is None:
        return False
    call = step.do if forward else step.undo
    try:
        result = call(Context(claimed, step)) if call else None
    except LostClaim:
        raise
    except Exception as error:  # noqa: BLE001 (a step may raise anything; settled here)
        probe_at = breaker.failed(step, saga, error)
        with transaction.atomic():
            settle.settle(definition, claimed, error, probe_at=probe_at)
        return True
    breaker.answered(step, saga)
    return _finish(definition, step, claimed, result)


def _commit_claim(step: Step, saga: Saga) -> Saga | None:
    """Commit the claim, and what must be true before the outside is called."""
    forward = saga.direction == Direction.DO
    with transaction.atomic():
        claimed = claim(saga, step.lease, pivot=step.pivot and forward)
        if claimed is not None:
            open_attempt(claimed)
            if step.prepare and forward:
                step.prepare(Context(claimed, step))
    return claimed


def _finish(definition: Definition, step: Step, claimed: Saga, result: object) -> bool:
    try:
        with transaction.atomic():
            _apply(definition, step, claimed, result)
    except LostClaim:
        raise
    except Exception as error:  # noqa: BLE001 (a step may raise anything; settled here)
        with transaction.atomic():
            settle.settle(definition, claimed, error)
    return True


def _apply(definition: Definition, step: Step, claimed: Saga, result: object) -> None:
    """Write the step's effects and where the saga goes, in the open transaction."""
    context = Context(claimed, step)
    if claimed.direction == Direction.UNDO:
        if step.kind is Kind.LOCAL and step.undo:
            result = step.undo(context)
        elif step.record_undo:
            result = step.record_undo(context, result)
        settle.undone(definition, claimed, result if isinstance(result, dict) else None)
        return
    if step.kind is Kind.LOCAL:
        result = step.do(context)
    elif step.record:
        result = step.record(context, result)
    if isinstance(result, Wait):
        settle.wait(definition, claimed, result)
        return
    passed = isinstance(result, NoWayBack)
    output = result.output if isinstance(result, NoWayBack) else result
    settle.succeed(
        definition,
        claimed,
        output if isinstance(output, dict) else None,
        pivot=passed,
    )


def _settle_anew(
    definition: Definition, step: Step, saga: Saga, error: Exception
) -> bool:
    """Settle after a rollback that took the claim with it: claim again, then write."""
    with transaction.atomic():
        claimed = claim(saga, step.lease)
        if claimed is None:
            return False
        settle.settle(definition, claimed, error)
    return True
