"""Sagas that belong together, on their way forward: splitting off, and joining again.

A member (a branch, or a saga that a step started) is a row of its own and runs like any
other. Only two transactions know of the family: the one that finishes the step at which
a member begins, and the one in which a member ends.

Whoever writes a member may then write its parent, never the other way round: rows are
locked upwards, so nobody waits for each other in a ring. Of a member that ends and a
parent that arrives at the same moment the second one sees the first.
"""

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from saga.claims import due
from saga.definition import Branch, Definition, Step, get_definition
from saga.enqueue import launch_on_commit, publish
from saga.errors import ManualIntervention, UnknownDefinition
from saga.history import taken
from saga.models import INPUT, Direction, Saga, SagaQuerySet, State
from saga.resolve import fit
from saga.results import StartChild

logger = logging.getLogger(__name__)

# What a joining saga waits for: branches, before its present step or before its end;
# the saga that its step started.
BRANCHES_FIRST = "branches before the step"
BRANCHES_LAST = "branches before the end"
CHILD = "a saga it started"


def joining(waiting_for: str) -> dict[str, Any]:
    """Return the fields of a saga that waits for its members.

    Whoever ends last lets it go on; the sweeper looks as well.
    """
    return {"state": State.JOINING, "waiting_for": waiting_for, **due()}


def onward(definition: Definition, saga: Saga) -> dict[str, Any]:
    """Return where ``saga`` goes now that its present step is done.

    To be written; then ``follow``, in the same transaction.
    """
    following = _following(definition, saga)
    if not saga.branch and definition.joined_before(following):
        if following is None:
            return joining(BRANCHES_LAST)
        return joining(BRANCHES_FIRST) | {"step": following.name}
    if following is None:
        return _done()
    return {"state": State.RUNNING, "step": following.name, **due()}


def follow(definition: Definition, saga: Saga, changes: dict[str, Any]) -> None:
    """Split off what begins behind the step just done; join, or let the parent join.

    ``saga`` is as it was while the step was done, ``changes`` what was written since:
    so its row is locked, and no member that ends now is overlooked.
    """
    if not saga.branch:
        for branch in definition.splitting_off(saga.step):
            _split_off(definition, saga, branch, changes)
    if changes["state"] == State.JOINING:
        join(definition, Saga.objects.get(pk=saga.pk))
    elif changes["state"] == State.DONE and saga.parent_id:
        tell_parent(saga)


def join(definition: Definition, saga: Saga) -> bool:
    """Let a joining saga, locked, go on if all that it waits for has ended."""
    if saga.waiting_for == CHILD:
        return _join_child(definition, saga)
    members = list(Saga.objects.filter(parent=saga))
    last = saga.waiting_for == BRANCHES_LAST
    following = None if last else definition.step(saga.step)
    joined = definition.joined_before(following)
    late = _never_split_off(definition, saga, joined, members)
    for branch in late:
        _split_off(definition, saga, branch, {})
    names = {branch.name for branch in joined}
    branches = [member for member in members if member.branch in names]
    if late or any(member.state != State.DONE for member in branches):
        return False
    _go_on(saga, branches, _done() if last else {"state": State.RUNNING, **due()})
    return True


def check_child(saga: Saga, child: StartChild) -> None:
    """Raise ManualIntervention if the step cannot have this child.

    Raises UnknownDefinition if this code does not have its definition.
    """
    theirs = get_definition(child.definition)
    known = _named(child).first()
    if known and (known.parent_id != saga.pk or known.state == State.COMPENSATED):
        message = f"{known} cannot be started again: it is {known.state}, or not ours"
        raise ManualIntervention(message)
    early = saga.branch and not saga.pivot_at
    if early and any(step.pivot for step in theirs.steps):
        message = f"{theirs.name} has a pivot: {saga} could not be undone any more"
        raise ManualIntervention(message)


def begin_child(definition: Definition, saga: Saga, child: StartChild) -> None:
    """Begin the step's child, or find how it stands; ``saga`` waits for it already."""
    theirs = get_definition(child.definition)
    if _named(child).exists():
        join(definition, Saga.objects.get(pk=saga.pk))
        return
    member = Saga.objects.create(
        definition=theirs.name,
        version=theirs.version,
        reference=child.reference,
        parent=saga,
        parent_step=saga.step,
        step=theirs.along("")[0].name,
        data={INPUT: child.data} if child.data else {},
        **due(),
    )
    transaction.on_commit(lambda: publish(member), robust=True)


def _named(child: StartChild) -> SagaQuerySet:
    rows = Saga.objects.main_paths()
    return rows.filter(definition=child.definition, reference=child.reference)


def _join_child(definition: Definition, saga: Saga) -> bool:
    """Let the step run again whose child is done."""
    rows = Saga.objects.main_paths().filter(parent=saga).order_by("-pk")
    child = next(
        row
        for row in rows
        if definition.today(row.parent_step) == definition.today(saga.step)
    )
    if child.state != State.DONE:
        return False
    final = {"pivot_at": saga.pivot_at or child.pivot_at}
    _go_on(saga, [], {"state": State.RUNNING, **final, **due()})
    return True


def tell_parent(saga: Saga) -> bool:
    """Let the parent go on if ``saga``, which just ended, was all it waited for."""
    parent = lock(saga.parent_id or 0)
    if parent.direction == Direction.UNDO:
        launch_on_commit(parent.pk)
        return False
    if parent.state != State.JOINING:
        return False
    try:
        definition, _step = fit(parent)
    except UnknownDefinition as error:
        # The sweeper shows it to staff, and joins it where the code is known.
        logger.warning("%s cannot join here: %s", parent, error)
        return False
    return join(definition, parent)


def lock(pk: int) -> Saga:
    """Read a row that nobody else changes until the transaction ends.

    SQLite lets only one write at all; every change is guarded by its own words, too.
    """
    return Saga.objects.select_for_update().get(pk=pk)


def open_members(saga_id: int) -> SagaQuerySet:
    """Return what belongs to the saga and has not ended."""
    return Saga.objects.live().filter(parent=saga_id)


def _go_on(saga: Saga, branches: list[Saga], changes: dict[str, Any]) -> None:
    outputs = {
        name: output for branch in branches for name, output in branch.data.items()
    } | saga.data
    rows = Saga.objects.filter(pk=saga.pk, fence=saga.fence, state=State.JOINING)
    if not rows.update(waiting_for="", relaunches=0, data=outputs, **changes):
        return
    logger.info("%s goes on: its branches have ended", saga)
    if changes["state"] == State.RUNNING:
        launch_on_commit(saga.pk)
    elif saga.parent_id:
        tell_parent(saga)


def _following(definition: Definition, saga: Saga) -> Step | None:
    following = definition.after(saga.step)
    branch = definition.step(saga.step).branch
    if following or branch == saga.branch:
        return following
    # Begun when that step was still one of the main path's: there, the rest is left.
    been = {saga.step, *taken(definition, saga)}
    rest = (step for step in definition.along("") if step.name not in been)
    return next(rest, None)


def _never_split_off(
    definition: Definition, saga: Saga, joined: list[Branch], members: list[Saga]
) -> list[Branch]:
    """Return branches that are missing because the saga is older than they are."""
    known = {member.branch for member in members}
    missing = [branch for branch in joined if branch.name not in known]
    been = taken(definition, saga) if missing else set()
    return [
        branch
        for branch in missing
        if not any(step.name in been for step in definition.along(branch.name))
    ]


def _split_off(
    definition: Definition, saga: Saga, branch: Branch, changes: dict[str, Any]
) -> None:
    """Begin a branch with the data and the pivot that the main path has now."""
    member = Saga.objects.create(
        definition=saga.definition,
        version=definition.version,
        reference=saga.reference,
        parent=saga,
        parent_step=definition.step(branch.after).name,
        branch=branch.name,
        step=definition.along(branch.name)[0].name,
        data=changes.get("data", saga.data),
        pivot_at=changes.get("pivot_at", saga.pivot_at),
        **due(),
    )
    transaction.on_commit(lambda: publish(member), robust=True)


def _done() -> dict[str, Any]:
    return {"state": State.DONE, "finished_at": timezone.now()}
