"""Compensation of a saga and its children: the children before the parent's steps.

The parent decides to turn back: a branch that aborts waits for its turn and lets its
parent turn. Then the parent has its children undone, the last begun first, each in a
transaction that holds no other row, and undoes its own steps behind them. Branches are
undone before anything else, a saga that a step started just before that step.

A child that a worker has claimed only gets a ``reason`` and turns when the claim ends:
a call on its way must not be overtaken by its own undo.
"""

import logging

from django.db import transaction

from saga.branches import BRANCHES_FIRST, CHILD, join, let_go
from saga.changes import SagaChanges, due_now, joining, reset, running
from saga.children import lock
from saga.definition import Definition
from saga.enqueue import publish_on_commit
from saga.errors import ManualIntervention, UnknownDefinition
from saga.execution import Execution
from saga.history import find_undo
from saga.items import ITEMS
from saga.models import ENDED, Attempt, Direction, Saga, SagaQuerySet, State
from saga.resolve import resolve
from shop.database_clock import Now

logger = logging.getLogger(__name__)

# What a joining saga waits for on its way back, and before its way back.
UNDONE_FIRST = "branches to be undone"
TURN = "its turn to be undone"


def plan_backward(execution: Execution, earlier: str | None) -> SagaChanges:
    """Return where a saga goes whose step ``earlier`` is the next to be undone."""
    step: SagaChanges = {"step": earlier} if earlier else {}
    if _not_undone(execution, earlier).exists():
        return joining(UNDONE_FIRST) | step
    if earlier is None:
        return {"state": State.COMPENSATED, "finished_at": Now()}
    return {"state": State.COMPENSATING, **step, **due_now()}


def wait_for_turn() -> SagaChanges:
    """Return the fields of a branch that is to be undone when its turn has come."""
    return {**joining(TURN), "direction": Direction.DO}


def follow_back(saga: Saga, changes: SagaChanges) -> None:
    """Let the parent turn back if ``changes``, just written, turned this child back."""
    ended = changes["state"] == State.COMPENSATED
    if saga.parent_id and (ended or changes.get("waiting_for") == TURN):
        turn_parent_back(Saga.objects.get(pk=saga.pk))


def may_be_turned(execution: Execution) -> bool:
    """Return whether the saga may have to turn back while a worker has claimed it."""
    saga = execution.saga
    is_related = saga.parent_id or execution.definition.has_early_branches
    return not saga.pivot_at and bool(is_related)


def turn_if_asked(execution: Execution) -> None:
    """Turn a saga back that was marked for it while a worker had claimed it.

    Called after the end of the claim was written, in the same transaction.
    """
    if not may_be_turned(execution):
        return
    now = Saga.objects.get(pk=execution.saga.pk)
    asked = now.reason and now.direction == Direction.DO and not now.pivot_at
    if asked and now.state not in ENDED and now.waiting_for != TURN:
        _turn(execution.at(now), now.reason, now.error)


def turn_parent_back(saga: Saga) -> None:
    """Turn the parent back, because this child turns back or has done so."""
    parent = lock(saga.parent_id or 0)
    if parent.direction == Direction.UNDO:
        publish_on_commit(parent.pk)
        return
    if let_go(saga, parent):
        return
    if _left_behind(saga, parent):
        return
    if parent.claimed_by:
        Saga.objects.filter(pk=parent.pk).update(reason=saga.reason)
        return
    try:
        execution = resolve(parent)
    except UnknownDefinition as error:
        # The child waits; the sweeper tries again where the code is known.
        logger.warning("%s cannot turn back here: %s", parent, error)
        return
    why = f"{saga}: {saga.error}"
    if parent.pivot_at and saga.state == State.COMPENSATED:
        _stop(parent, f"{why}: it was undone, and here nothing can be any more")
    elif parent.pivot_at:
        _stop(saga, f"{why}: its main path has passed its pivot")
    else:
        _turn(execution, saga.reason, why)


def _left_behind(child: Saga, parent: Saga) -> bool:
    """Return whether a step started the child without waiting for it (SpinOff)."""
    if child.branch or not parent.pivot_at:
        return False
    is_awaited = parent.state == State.JOINING and parent.waiting_for in (CHILD, ITEMS)
    return not (is_awaited and parent.step == child.parent_step)


def advance_joining(saga: Saga) -> bool:
    """Advance a joining saga, forward or back. Return whether it could.

    Needs no claim: rows decide it, and locks and fences guard it. Raises
    UnknownDefinition.
    """
    execution = resolve(saga)
    if saga.waiting_for == TURN:
        with transaction.atomic():
            turn_parent_back(saga)
        return False
    if saga.direction == Direction.UNDO:
        return _compensate_children(execution)
    with transaction.atomic():
        now = lock(saga.pk)
        return now.state == State.JOINING and join(execution.at(now))


def plan_forward(execution: Execution, step: str) -> SagaChanges:
    """Return where a saga goes that finds its pivot passed; its branches begin again.

    Raises ManualIntervention if something that was undone would not be done again.
    """
    saga, definition = execution.saga, execution.definition
    at = definition.step(step)
    names = [each.name for each in definition.along("")]
    forward: SagaChanges = {
        "direction": Direction.DO,
        "pivot_at": Now(),
        "reason": "",
    }
    for child in Saga.objects.filter(parent=saga, state=State.COMPENSATED):
        behind = names.index(definition.step(child.parent_step).name)
        if saga.branch or not child.branch or behind >= names.index(at.name):
            message = f"the saga goes forward again, but {child} was undone"
            raise ManualIntervention(message)
        again: SagaChanges = {
            "step": definition.along(child.branch)[0].name,
            "finished_at": None,
        }
        Saga.objects.filter(pk=child.pk).update(**(running() | forward | again))
        publish_on_commit(child.pk)
    way = joining(BRANCHES_FIRST) if definition.joined_before(at) else running()
    return {**way, **forward, "step": at.name}


def _compensate_children(execution: Execution) -> bool:
    """Undo the children, the last first, then go back. Return whether it went back."""
    saga = execution.saga
    earlier = find_undo(execution)
    # One at a time: a Map may have thousands of items.
    while child := _not_undone(execution, earlier).first():
        if child.pivot_at:
            return _go_with(saga, child)
        if not _compensate_child(child, saga.reason):
            return False
    with transaction.atomic():
        now = lock(saga.pk)
        if now.state != State.JOINING or now.direction != Direction.UNDO:
            return False
        changes = plan_backward(execution.at(now), earlier)
        if changes["state"] == State.JOINING:
            return False
        no_wait: SagaChanges = {"waiting_for": ""}
        _write(now, reset() | no_wait | changes)
        follow_back(now, changes)
    return True


@transaction.atomic
def _compensate_child(child: Saga, reason: str) -> bool:
    """Begin to undo a child, or ask it to turn. Return whether all of it is undone."""
    now = lock(child.pk)
    if now.state == State.COMPENSATED:
        return True
    if now.direction == Direction.UNDO:
        return False
    if now.claimed_by:
        Saga.objects.filter(pk=now.pk).update(reason=reason)
        return False
    changes = _undo(resolve(now), reason, now.error)
    return bool(changes["state"] == State.COMPENSATED)


@transaction.atomic
def _go_with(saga: Saga, child: Saga) -> bool:
    """Go forward again: a started saga passed its pivot, which is final here, too."""
    now = lock(saga.pk)
    if now.state == State.JOINING and now.direction == Direction.UNDO:
        forward: SagaChanges = {
            "direction": Direction.DO,
            "reason": "",
            "pivot_at": child.pivot_at,
            "step": child.parent_step,
        }
        _write(now, joining(CHILD) | forward)
        publish_on_commit(now.pk)
    return False


def _turn(execution: Execution, reason: str, error: str) -> None:
    """Turn an unclaimed saga, whose row is locked."""
    saga = execution.saga
    if saga.branch:
        why: SagaChanges = {"reason": reason, "error": error}
        changes = wait_for_turn() | why
        _write(saga, _without_alarm() | changes, f"called back: {error}")
    else:
        changes = _undo(execution, reason, error)
    follow_back(saga, changes)


def _undo(execution: Execution, reason: str, error: str) -> SagaChanges:
    """Begin to undo an unclaimed saga. Return what was written."""
    saga = execution.saga
    turned: SagaChanges = {
        "direction": Direction.UNDO,
        "reason": reason,
        "error": error,
        "finished_at": None,
        "waiting_for": "",
        "attempt": 0,
        "relaunches": 0,
    }
    changes = _without_alarm() | turned | plan_backward(execution, find_undo(execution))
    _write(saga, changes, f"called back: {error}")
    if changes["state"] != State.COMPENSATED:
        publish_on_commit(saga.pk)
    return changes


def _stop(saga: Saga, error: str) -> None:
    changes: SagaChanges = {
        "state": State.FAILED,
        "failed_at": Now(),
        "alert_wanted_at": Now(),
        "reason": "",
        "waiting_for": "",
        "error": error,
        "error_kind": ManualIntervention.kind,
        "error_class": ManualIntervention.__name__,
    }
    _write(saga, changes, error)
    logger.error("%s stopped at %s: %s", saga, saga.step, error)


def _not_undone(execution: Execution, earlier: str | None) -> SagaQuerySet:
    """Return the children to be undone before ``earlier`` is, the last begun first."""
    rows = Saga.objects.filter(parent=execution.saga).exclude(state=State.COMPENSATED)
    before = _before(execution.definition, earlier)
    return rows.exclude(branch="", parent_step__in=before).order_by("-pk")


def _before(definition: Definition, later: str | None) -> list[str]:
    """Return the names, past ones too, of the steps before ``later`` in its branch."""
    try:
        step = definition.step(later) if later else None
    except UnknownDefinition:
        step = None
    branch = definition.along(step.branch) if step else ()
    before = branch[: branch.index(step)] if step else ()
    return [name for each in before for name in (each.name, *each.aliases)]


def _write(saga: Saga, changes: SagaChanges, note: str = "") -> None:
    """Change a row that is locked and unclaimed; with a note, also the history."""
    Saga.objects.filter(pk=saga.pk, fence=saga.fence, claimed_by="").update(
        fence=saga.fence + 1, **changes
    )
    if note:
        Attempt.objects.create(
            saga=saga,
            fence=saga.fence + 1,
            step=saga.step,
            direction=saga.direction,
            number=0,
            started_at=Now(),
            ended_at=Now(),
            outcome=Attempt.Outcome.TURNED,
            note=note[:300],
        )


def _without_alarm() -> SagaChanges:
    return {"failed_at": None, "alert_wanted_at": None}
