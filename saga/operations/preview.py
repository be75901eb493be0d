"""Preview an action of staff: judge it as it would be judged, without doing it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from saga.errors import ActionRefused
from saga.execution import Execution
from saga.history import list_undos
from saga.models import Direction, Saga, State
from saga.operations import actions
from saga.operations.cancel import read_cancellable
from saga.operations.mark_done import prove, read_markable
from saga.operations.resume import difference, read_stopped
from saga.operations.skip import read_skippable
from saga.step import Step


class Action(Enum):
    """What staff may do to a saga."""

    RESUME = "resume"
    MARK_DONE = "mark_done"
    SKIP = "skip"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Preview:
    """What an action would do now; nothing if there is a ``refusal``.

    ``seen`` is the fence to act with, so that what was previewed is what is done.
    ``steps`` are those that follow, in their order, in ``direction``. ``input`` is
    name -> old and new value.
    """

    action: Action
    reference: str
    seen: int
    step: str
    refusal: ActionRefused | None = None
    then: str = ""
    direction: str = ""
    steps: tuple[str, ...] = ()
    input: dict[str, actions.InputChange] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the preview as JSON can hold it, the refusal as text and class."""
        values = dict(vars(self))
        refusal = values.pop("refusal")
        return {
            "act": values.pop("action").value,
            **values,
            "refused": str(refusal) if refusal else "",
            "why": type(refusal).__name__ if refusal else "",
        }


def preview(
    action: Action, saga: Saga, inputs: Mapping[str, str] | None = None
) -> Preview:
    """Judge an action and return what would follow. Writes nothing.

    Marking a step as done asks the outside for its proof, as the action itself does.
    """
    try:
        return _PREVIEWS[action](saga, inputs or {})
    except ActionRefused as error:
        now = Saga.objects.get(pk=saga.pk)
        return Preview(action, now.reference, now.fence, now.step, refusal=error)


def open_actions(saga: Saga) -> list[Action]:
    """Return the actions that would not be refused now, without asking for a proof."""
    return [action for action, read in _READ.items() if _is_open(saga, read)]


def _is_open(saga: Saga, read: Callable[[Saga, int | None], object]) -> bool:
    try:
        read(saga, None)
    except ActionRefused:
        return False
    return True


def _preview_resume(saga: Saga, inputs: Mapping[str, str]) -> Preview:
    execution = actions.find_execution(read_stopped(saga, None))
    changed = difference(execution.saga, inputs)
    if execution.saga.direction == Direction.UNDO:
        return _backward(Action.RESUME, execution.saga, list_undos(execution))
    ahead = execution.definition.ahead(execution.step.name)
    return _forward(Action.RESUME, execution.saga, ahead, changed)


def _preview_mark_done(saga: Saga, _inputs: Mapping[str, str]) -> Preview:
    execution = read_markable(saga, None)
    prove(execution)
    return _forward(Action.MARK_DONE, execution.saga, _behind(execution))


def _preview_skip(saga: Saga, _inputs: Mapping[str, str]) -> Preview:
    execution = read_skippable(saga, None)
    return _forward(Action.SKIP, execution.saga, _behind(execution))


def _preview_cancel(saga: Saga, _inputs: Mapping[str, str]) -> Preview:
    execution, back = read_cancellable(saga, None)
    return _backward(Action.CANCEL, execution.saga, back)


_PREVIEWS = {
    Action.RESUME: _preview_resume,
    Action.MARK_DONE: _preview_mark_done,
    Action.SKIP: _preview_skip,
    Action.CANCEL: _preview_cancel,
}
_READ: dict[Action, Callable[[Saga, int | None], object]] = {
    Action.RESUME: read_stopped,
    Action.MARK_DONE: read_markable,
    Action.SKIP: read_skippable,
    Action.CANCEL: read_cancellable,
}


def _behind(execution: Execution) -> tuple[Step, ...]:
    step = execution.step
    ahead = execution.definition.ahead(step.name)
    return tuple(each for each in ahead if each != step)


def _forward(
    action: Action,
    saga: Saga,
    ahead: tuple[Step, ...],
    changed: dict[str, actions.InputChange] | None = None,
) -> Preview:
    return Preview(
        action,
        saga.reference,
        saga.fence,
        saga.step,
        then=State.RUNNING.value if ahead else State.DONE.value,
        direction=Direction.DO.value,
        steps=tuple(step.name for step in ahead),
        input=changed or {},
    )


def _backward(action: Action, saga: Saga, back: list[str]) -> Preview:
    return Preview(
        action,
        saga.reference,
        saga.fence,
        saga.step,
        then=State.COMPENSATING.value if back else State.COMPENSATED.value,
        direction=Direction.UNDO.value,
        steps=tuple(back),
    )
