"""The items of a step with a Map: how many there are, and which begin when.

The step's output holds how many there are and how many were begun, until the step is
done and has an output of its own.
"""

from saga.children import begin_child_of
from saga.definition import get_definition
from saga.errors import ManualIntervention, UnknownDefinition
from saga.execution import Execution
from saga.models import ENDED, Saga, SagaQuerySet, State
from saga.step import Context, Map

# What the saga waits for, and the key in the step's output.
ITEMS = "items"


def begun_items(saga: Saga) -> dict[str, int] | None:
    """Return ``count`` and ``begun`` of the present step's items, if it has some."""
    found: dict[str, int] | None = saga.output(saga.step).get(ITEMS)
    return found


def pending_items(execution: Execution) -> int:
    """Return how many items the step has, if it must wait for any; else 0."""
    saga, step = execution.saga, execution.step
    if step.over is None:
        return 0
    begun = begun_items(saga)
    if begun is None:
        return step.over.count(Context(saga, step))
    is_open = begun["begun"] < begun["count"] or _open_items(saga, step.over).exists()
    return begun["count"] if is_open else 0


def check_items(execution: Execution) -> None:
    """Raise ManualIntervention if the step's items could not be undone.

    Raises UnknownDefinition if this code does not have their definition.
    """
    over = execution.step.over
    theirs = get_definition(over.definition if over else "")
    if any(step.pivot for step in theirs.steps):
        message = f"{theirs.name} has a pivot: items of a Map must be undoable"
        raise ManualIntervention(message)


def advance(execution: Execution) -> bool:
    """Begin the next items, as many as there is room for.

    Return whether all have ended. The row of the saga is locked, so that no item begins
    twice and no end is overlooked.
    """
    saga, over = execution.saga, execution.step.over
    begun = begun_items(saga)
    if over is None or begun is None:
        message = f"this code has no items at {saga.step!r} of {saga.definition!r}"
        raise UnknownDefinition(message)
    theirs, items = get_definition(over.definition), _open_items(saga, over)
    first, count = begun["begun"], begun["count"]
    room = max(0, over.at_once - items.live().count()) if first < count else 0
    numbers = range(first, min(count, first + room))
    if numbers:
        now = {ITEMS: {"count": count, "begun": numbers.stop}}
        rows = Saga.objects.filter(pk=saga.pk, fence=saga.fence, state=State.JOINING)
        if not rows.update(data=saga.data | {saga.step: now}):
            return False
        for number in numbers:
            begin_child_of(saga, theirs, f"{saga.reference}/{number}", {})
    return numbers.stop == count and not numbers and not items.exists()


def _open_items(saga: Saga, over: Map) -> SagaQuerySet:
    """Return the items that have not ended: those under way, and those that stopped."""
    rows = Saga.objects.filter(parent=saga, branch="", definition=over.definition)
    return rows.exclude(state__in=ENDED)
