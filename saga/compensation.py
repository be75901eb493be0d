"""Sagas that belong together, on their way back: members before the parent's steps.

Turning back is the parent's decision: a branch that gives up stands aside and lets its
parent turn. From then on the parent calls its members back, the last begun first, each
in a transaction that holds no other row, and undoes its own steps behind them. Branches
are called back before anything else, a saga that a step started just before that step.

A member that a worker has right now is only told (by its ``reason``) and turns as soon
as it is let go of: a call on its way must not be overtaken by its own undo.
"""

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from saga.branches import BRANCHES_FIRST, CHILD, join, joining, lock
from saga.claims import clean, due
from saga.definition import Definition
from saga.enqueue import launch_on_commit
from saga.errors import ManualIntervention, UnknownDefinition
from saga.history import to_undo
from saga.models import ENDED, Attempt, Direction, Saga, State
from saga.resolve import fit

logger = logging.getLogger(__name__)

# What a joining saga waits for on its way back, and before its way back.
UNDONE_FIRST = "branches to be undone"
TURN = "its turn to be undone"


def backward(definition: Definition, saga: Saga, earlier: str | None) -> dict[str, Any]:
    """Return where a saga goes whose step ``earlier`` is the next to be undone."""
    step = {"step": earlier} if earlier else {}
    if _standing(definition, saga, earlier):
        return joining(UNDONE_FIRST) | step
    if earlier is None:
        return {"state": State.COMPENSATED, "finished_at": timezone.now()}
    return {"state": State.COMPENSATING, **step, **due()}


def stand_aside() -> dict[str, Any]:
    """Return the fields of a branch that is to be undone when its turn has come."""
    return {**joining(TURN), "direction": Direction.DO}


def follow_back(saga: Saga, changes: dict[str, Any]) -> None:
    """Tell the parent that a member went back, or wants to; after it was written."""
    ended = changes["state"] == State.COMPENSATED
    if saga.parent_id and (ended or changes.get("waiting_for") == TURN):
        call_parent_back(Saga.objects.get(pk=saga.pk))


def may_be_called(definition: Definition, saga: Saga) -> bool:
    """Whether a saga may be called back while a worker has it."""
    return not saga.pivot_at and bool(saga.parent_id or definition.has_early_lanes)


def heed(definition: Definition, saga: Saga) -> None:
    """Turn a saga that was called back while a worker had it; after it was written."""
    if not may_be_called(definition, saga):
        return
    now = Saga.objects.get(pk=saga.pk)
    called = now.reason and now.direction == Direction.DO and not now.pivot_at
    if called and now.state not in ENDED and now.waiting_for != TURN:
        _turn(definition, now, now.reason, now.error)


def call_parent_back(saga: Saga) -> None:
    """Let the parent turn back, because this member of it does, or has done so."""
    parent = lock(saga.parent_id or 0)
    if parent.direction == Direction.UNDO:
        launch_on_commit(parent.pk)
        return
    if parent.claimed_by:
        Saga.objects.filter(pk=parent.pk).update(reason=saga.reason)
        return
    try:
        definition, _step = fit(parent)
    except UnknownDefinition as error:
        # The member waits; the sweeper asks again where the code is known.
        logger.warning("%s cannot turn back here: %s", parent, error)
        return
    why = f"{saga}: {saga.error}"
    if parent.pivot_at and saga.state == State.COMPENSATED:
        _stop(parent, f"{why}: it was undone, and here nothing can be any more")
    elif parent.pivot_at:
        _stop(saga, f"{why}: its main path has no way back any more")
    else:
        _turn(definition, parent, saga.reason, why)


def look_again(saga: Saga) -> bool:
    """Let a joining saga go on if nothing keeps it; whether it does.

    Needs no claim: rows decide it, and locks and fences guard it. Raises
    UnknownDefinition.
    """
    definition, _step = fit(saga)
    if saga.waiting_for == TURN:
        with transaction.atomic():
            call_parent_back(saga)
        return False
    if saga.direction == Direction.UNDO:
        return _call_back(definition, saga)
    with transaction.atomic():
        now = lock(saga.pk)
        return now.state == State.JOINING and join(definition, now)


def forward_again(definition: Definition, saga: Saga, step: str) -> dict[str, Any]:
    """Return where a saga goes that finds its pivot passed; its branches begin anew.

    Raises ManualIntervention where what was undone would not be done again.
    """
    at = definition.step(step)
    names = [each.name for each in definition.along("")]
    now = timezone.now()
    for member in Saga.objects.filter(parent=saga, state=State.COMPENSATED):
        behind = names.index(definition.step(member.parent_step).name)
        if saga.branch or not member.branch or behind >= names.index(at.name):
            message = f"the saga goes forward again, but {member} was undone"
            raise ManualIntervention(message)
        Saga.objects.filter(pk=member.pk).update(
            state=State.RUNNING,
            direction=Direction.DO,
            step=definition.along(member.branch)[0].name,
            pivot_at=now,
            reason="",
            finished_at=None,
            **due(),
        )
        launch_on_commit(member.pk)
    way = {"state": State.RUNNING, **due()}
    if definition.joined_before(at):
        way = joining(BRANCHES_FIRST)
    return {
        **way,
        "direction": Direction.DO,
        "step": at.name,
        "pivot_at": now,
        "reason": "",
    }


def _call_back(definition: Definition, saga: Saga) -> bool:
    """Have the members undone, the last first; then go back. False: not yet."""
    earlier = to_undo(definition, saga)
    for member in _standing(definition, saga, earlier):
        if member.pivot_at:
            return _go_with(saga, member)
        if not _recall(member, saga.reason):
            return False
    with transaction.atomic():
        now = lock(saga.pk)
        if now.state != State.JOINING or now.direction != Direction.UNDO:
            return False
        changes = backward(definition, now, earlier)
        if changes["state"] == State.JOINING:
            return False
        _write(now, clean() | {"waiting_for": ""} | changes)
        follow_back(now, changes)
    return True


@transaction.atomic
def _recall(member: Saga, reason: str) -> bool:
    """Begin to undo a member, or tell it to turn; whether nothing is left of it."""
    now = lock(member.pk)
    if now.state == State.COMPENSATED:
        return True
    if now.direction == Direction.UNDO:
        return False
    if now.claimed_by:
        Saga.objects.filter(pk=now.pk).update(reason=reason)
        return False
    definition, _step = fit(now)
    changes = _undo(definition, now, reason, now.error)
    return bool(changes["state"] == State.COMPENSATED)


@transaction.atomic
def _go_with(saga: Saga, member: Saga) -> bool:
    """Go forward after all: what a started saga made final is final here, too."""
    now = lock(saga.pk)
    if now.state == State.JOINING and now.direction == Direction.UNDO:
        way = {"direction": Direction.DO, "reason": "", "pivot_at": member.pivot_at}
        _write(now, joining(CHILD) | way | {"step": member.parent_step})
        launch_on_commit(now.pk)
    return False


def _turn(definition: Definition, saga: Saga, reason: str, error: str) -> None:
    """Turn an unclaimed saga, whose row is locked."""
    if saga.branch:
        changes = stand_aside() | {"reason": reason, "error": error}
        _write(saga, _unalarmed() | changes, f"called back: {error}")
    else:
        changes = _undo(definition, saga, reason, error)
    follow_back(saga, changes)


def _undo(
    definition: Definition, saga: Saga, reason: str, error: str
) -> dict[str, Any]:
    """Let an unclaimed saga go back; return what was written."""
    changes = _unalarmed() | {
        "direction": Direction.UNDO,
        "reason": reason,
        "error": error,
        "finished_at": None,
        "waiting_for": "",
        "attempt": 0,
        "relaunches": 0,
    }
    changes |= backward(definition, saga, to_undo(definition, saga))
    _write(saga, changes, f"called back: {error}")
    if changes["state"] != State.COMPENSATED:
        launch_on_commit(saga.pk)
    return changes


def _stop(saga: Saga, error: str) -> None:
    now = timezone.now()
    changes = {"state": State.FAILED, "failed_at": now, "alert_wanted_at": now}
    changes |= {"reason": "", "waiting_for": ""}
    kind, name = ManualIntervention.kind, ManualIntervention.__name__
    said = {"error": error, "error_kind": kind, "error_class": name}
    _write(saga, changes | said, error)
    logger.error("%s stopped at %s: %s", saga, saga.step, error)


def _standing(definition: Definition, saga: Saga, earlier: str | None) -> list[Saga]:
    """Return the members to be undone before ``earlier`` is, the last begun first."""
    members = Saga.objects.filter(parent=saga).exclude(state=State.COMPENSATED)
    return [
        member
        for member in members.order_by("-pk")
        if member.branch or not _is_before(definition, member.parent_step, earlier)
    ]


def _is_before(definition: Definition, step: str, later: str | None) -> bool:
    """Whether ``step`` comes before ``later``, as far as this code knows both."""
    try:
        rest = definition.remaining(step)
        return later is not None and definition.step(later) in rest[1:]
    except UnknownDefinition:
        return False


def _write(saga: Saga, changes: dict[str, Any], note: str = "") -> None:
    """Change a row that is locked and unclaimed; with a note, on record."""
    Saga.objects.filter(pk=saga.pk, fence=saga.fence, claimed_by="").update(
        fence=saga.fence + 1, **changes
    )
    now = timezone.now()
    if note:
        Attempt.objects.create(
            saga=saga,
            fence=saga.fence + 1,
            step=saga.step,
            direction=saga.direction,
            number=0,
            started_at=now,
            ended_at=now,
            outcome=Attempt.Outcome.TURNED,
            note=note[:300],
        )


def _unalarmed() -> dict[str, Any]:
    return {"failed_at": None, "alert_wanted_at": None}
