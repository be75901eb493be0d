"""Which steps a saga has taken, by its history and in today's names.

Undoing follows the history and not the definition: a step that was inserted since has
left nothing, and one that was removed since may have left something.
"""

from saga.definition import Definition
from saga.errors import UnknownDefinition
from saga.execution import Execution
from saga.models import Attempt, Direction, Saga
from shop import database_clock

_Outcome = Attempt.Outcome
# Actions on the saga, which are no tries of its present step.
_NO_TRIES = (
    _Outcome.RESUMED,
    _Outcome.EDITED,
    _Outcome.CANCELLED,
    _Outcome.ADOPTED,
    _Outcome.TURNED,
    _Outcome.APPROVED,
    _Outcome.DECLINED,
)
_UNDONE = (_Outcome.OK, _Outcome.MARKED, _Outcome.SKIPPED)


def find_taken(execution: Execution) -> set[str]:
    """Return the steps that were tried or passed forward, by today's names."""
    names = set()
    for step, direction, _outcome in _history(execution.saga):
        if direction == Direction.DO:
            names.add(execution.definition.today(step, undo=False))
    return names


def find_undo(execution: Execution, *, tried: str = "", undone: str = "") -> str | None:
    """Return the step to be undone next, or None. See ``list_undos``."""
    return next(iter(list_undos(execution, tried=tried, undone=undone)), None)


def list_undos(execution: Execution, *, tried: str = "", undone: str = "") -> list[str]:
    """Return the steps whose effects may not be undone yet, the last one first.

    ``tried`` and ``undone`` name the present step, whose try is not yet in the
    history. A step that today's code does not have is returned by the name in the
    history: the saga stops there, held back, instead of forgetting it.
    """
    definition = execution.definition
    effective: dict[str, None] = {}
    rows = _history(execution.saga)
    if tried:
        rows.append((tried, Direction.DO, ""))
    if undone:
        rows.append((undone, Direction.UNDO, Attempt.Outcome.OK))
    for step, direction, outcome in rows:
        name = definition.today(step)
        if direction == Direction.DO and outcome != _Outcome.SKIPPED:
            effective.pop(name, None)
            effective[name] = None
        elif direction == Direction.UNDO and outcome in _UNDONE:
            effective.pop(name, None)
    return [name for name in reversed(effective) if _may_need_undo(definition, name)]


def present_attempt(saga: Saga) -> Attempt | None:
    """Return the try under way, unsaved: its row is written when it ends."""
    if not saga.claimed_by:
        return None
    return Attempt(
        saga=saga,
        fence=saga.fence,
        step=saga.step,
        direction=saga.direction,
        number=saga.attempt,
        started_at=saga.claimed_at or database_clock.read(),
        worker=saga.claimed_by,
    )


def _may_need_undo(definition: Definition, name: str) -> bool:
    """Return whether the step has an undo; True for a step that is not known."""
    try:
        return definition.step(name, undo=True).undo is not None
    except UnknownDefinition:
        return True


def _history(saga: Saga) -> list[tuple[str, str, str]]:
    rows = Attempt.objects.filter(saga=saga).exclude(outcome__in=_NO_TRIES)
    return list(rows.order_by("fence").values_list("step", "direction", "outcome"))
