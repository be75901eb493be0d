"""Children of a saga on its way forward: splitting off, and joining again.

A child (a branch, or a saga that a step started) is a row of its own and runs like any
other saga. Only two transactions deal with parent and child: the one that finishes the
step at which a child begins, and the one in which a child ends.

A transaction that writes a child may then write its parent, never the other way round:
rows are locked upwards, so there is no deadlock. If a child ends while its parent
arrives, the transaction that comes second sees what the first one wrote.
"""

import logging

from django.db import transaction

from saga import items
from saga.changes import SagaChanges, begin, done, joining, running
from saga.children import begin_child_of, lock
from saga.definition import Branch, get_definition
from saga.enqueue import publish, publish_on_commit
from saga.errors import ManualIntervention, UnknownDefinition
from saga.execution import Execution
from saga.history import find_taken
from saga.items import ITEMS
from saga.models import Direction, Saga, SagaQuerySet, State
from saga.resolve import resolve
from saga.results import SpinOff, StartChild
from saga.step import Step

logger = logging.getLogger(__name__)

# What a joining saga waits for: branches, before its present step or before its end;
# the saga that its step started.
BRANCHES_FIRST = "branches before the step"
BRANCHES_LAST = "branches before the end"
CHILD = "a saga it started"


def plan_onward(execution: Execution) -> SagaChanges:
    """Return where the saga goes now that its present step is done.

    The caller writes it, and then calls ``follow`` in the same transaction.
    """
    return plan_to(execution, _following(execution))


def plan_to(execution: Execution, following: Step | None) -> SagaChanges:
    """Return how the saga goes on at ``following``, or ends, for None."""
    saga, definition = execution.saga, execution.definition
    if not saga.branch and definition.joined_before(following):
        if following is None:
            return joining(BRANCHES_LAST)
        return {**joining(BRANCHES_FIRST), "step": following.name}
    if following is None:
        return done()
    return {**running(), "step": following.name}


def follow(execution: Execution, moved: Saga) -> None:
    """Split off the branches behind the step just done; join, or let the parent join.

    The saga is as it was while the step was done, ``moved`` as it was written since:
    so its row is locked, and no child that ends now is overlooked.
    """
    saga = execution.saga
    if not saga.branch:
        for branch in execution.definition.splitting_off(saga.step):
            _split_off(execution.at(moved), branch)
    if moved.state == State.JOINING:
        join(execution.at(Saga.objects.get(pk=saga.pk)))
    elif moved.state == State.DONE and saga.parent_id:
        tell_parent(saga)


def join(execution: Execution) -> bool:
    """Advance a joining saga, whose row is locked, if all it waits for has ended.

    Return whether it was advanced.
    """
    saga, definition = execution.saga, execution.definition
    if saga.waiting_for == CHILD:
        return _join_child(execution)
    if saga.waiting_for == ITEMS:
        return _join_items(execution)
    children = list(Saga.objects.filter(parent=saga))
    last = saga.waiting_for == BRANCHES_LAST
    following = None if last else definition.step(saga.step)
    joined = definition.joined_before(following)
    late = _never_split_off(execution, joined, children)
    for branch in late:
        _split_off(execution, branch)
    names = {branch.name for branch in joined}
    branches = [child for child in children if child.branch in names]
    if late or any(branch.state != State.DONE for branch in branches):
        return False
    _go_on(saga, branches, done() if last else running())
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


def spin_off(execution: Execution, child: SpinOff) -> None:
    """Begin a saga that the step leaves behind, in the caller's transaction.

    Nothing happens if the step began it before. Raises ManualIntervention if the saga
    has not passed its pivot or the reference is another's, and UnknownDefinition.
    """
    saga = execution.saga
    theirs = get_definition(child.definition)
    if not saga.pivot_at and not execution.step.pivot:
        message = f"{saga} can leave no saga behind before its pivot"
        raise ManualIntervention(message)
    known = Saga.objects.main_paths().filter(
        definition=theirs.name, reference=child.reference
    )
    found = known.first()
    if found is None:
        begin_child_of(saga, theirs, child.reference, child.data)
    elif found.parent_id != saga.pk:
        message = f"{found} cannot be started again: it is not ours"
        raise ManualIntervention(message)


def begin_child(execution: Execution, child: StartChild) -> None:
    """Begin the step's child, or join it if it began before; the saga waits already."""
    saga, theirs = execution.saga, get_definition(child.definition)
    if _named(child).exists():
        join(execution.at(Saga.objects.get(pk=saga.pk)))
        return
    begin_child_of(saga, theirs, child.reference, child.data)


def make_room(saga: Saga) -> None:
    """Let the next item of a Map begin, because this saga stopped, if it is one."""
    if saga.parent_id and not saga.branch:
        parent = lock(saga.parent_id)
        if parent.state == State.JOINING and parent.waiting_for == ITEMS:
            _join_if_known(parent)


def _join_items(execution: Execution) -> bool:
    if not items.advance(execution):
        return False
    _go_on(execution.saga, [], running())
    return True


def _named(child: StartChild) -> SagaQuerySet:
    rows = Saga.objects.main_paths()
    return rows.filter(definition=child.definition, reference=child.reference)


def _join_child(execution: Execution) -> bool:
    """Let the step run again if its child is done. Return whether it is."""
    saga, today = execution.saga, execution.definition.today
    rows = Saga.objects.main_paths().filter(parent=saga).order_by("-pk")
    child = next(row for row in rows if today(row.parent_step) == today(saga.step))
    if child.state != State.DONE:
        return False
    _go_on(saga, [], {**running(), "pivot_at": saga.pivot_at or child.pivot_at})
    return True


def tell_parent(saga: Saga) -> bool:
    """Advance the parent if ``saga``, which just ended, was all it waited for.

    Return whether it was advanced.
    """
    parent = lock(saga.parent_id or 0)
    if parent.direction == Direction.UNDO:
        publish_on_commit(parent.pk)
        return False
    return parent.state == State.JOINING and _join_if_known(parent)


def _join_if_known(parent: Saga) -> bool:
    try:
        return join(resolve(parent))
    except UnknownDefinition as error:
        # The sweeper shows it to staff, and joins it where the code is known.
        logger.warning("%s cannot join here: %s", parent, error)
        return False


def let_go(saga: Saga, parent: Saga) -> bool:
    """Join the locked parent if it tolerates that this item of its Map was undone.

    Return whether it does.
    """
    if parent.state != State.JOINING or parent.waiting_for != ITEMS:
        return False
    try:
        over = resolve(parent).step.over
    except UnknownDefinition as error:
        logger.warning("%s cannot join here: %s", parent, error)
        # Left as it is: the sweeper joins it where the code is known.
        return True
    if over is None or not over.tolerant or saga.definition != over.definition:
        return False
    _join_if_known(parent)
    return True


def _go_on(saga: Saga, branches: list[Saga], changes: SagaChanges) -> None:
    outputs = {
        name: output for branch in branches for name, output in branch.data.items()
    } | saga.data
    rows = Saga.objects.filter(pk=saga.pk, fence=saga.fence, state=State.JOINING)
    joined: SagaChanges = {"waiting_for": "", "relaunches": 0, "data": outputs}
    if not rows.update(**(joined | changes)):
        return
    logger.info("%s goes on: its branches have ended", saga)
    if changes["state"] == State.RUNNING:
        publish_on_commit(saga.pk)
    elif saga.parent_id:
        tell_parent(saga)


def _following(execution: Execution) -> Step | None:
    saga, definition = execution.saga, execution.definition
    following = definition.after(saga.step)
    branch = definition.step(saga.step).branch
    if following or branch == saga.branch:
        return following
    # The saga began when that step was part of the main path, which does the rest.
    been = {saga.step, *find_taken(execution)}
    rest = (step for step in definition.along("") if step.name not in been)
    return next(rest, None)


def _never_split_off(
    execution: Execution, joined: list[Branch], children: list[Saga]
) -> list[Branch]:
    """Return branches that are missing because the saga is older than they are."""
    known = {child.branch for child in children}
    missing = [branch for branch in joined if branch.name not in known]
    been = find_taken(execution) if missing else set()
    along = execution.definition.along
    return [
        branch
        for branch in missing
        if not any(step.name in been for step in along(branch.name))
    ]


def _split_off(execution: Execution, branch: Branch) -> None:
    """Begin a branch with the data and the pivot that the main path has now."""
    saga, definition = execution.saga, execution.definition
    begun = begin(
        definition=saga.definition,
        version=definition.version,
        reference=saga.reference,
        parent=saga,
        parent_step=definition.step(branch.after).name,
        branch=branch.name,
        step=definition.along(branch.name)[0].name,
        data=saga.data,
        pivot_at=saga.pivot_at,
    )
    transaction.on_commit(lambda: publish(begun), robust=True)
