"""Saying what an act would do, without doing it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from saga.definition import Definition, Step
from saga.errors import ActRefused
from saga.history import way_back
from saga.models import Direction, Saga, State
from saga.operations import actions
from saga.operations.cancel import read_cancellable
from saga.operations.mark_done import prove, read_markable
from saga.operations.resume import difference, read_stopped
from saga.operations.skip import read_skippable


class Act(Enum):
    """What staff may do to a saga."""

    RESUME = "resume"
    MARK_DONE = "mark_done"
    SKIP = "skip"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Plan:
    """What an act would do now: nothing where it is ``refused``, which says why.

    ``seen`` is the fence to act with, so that what was planned is what is done.
    ``steps`` are those that follow, in their order, in ``direction``; ``input`` is
    name -> old and new value. ``why`` is the refusal's class, by its name.
    """

    act: str
    reference: str
    seen: int
    step: str
    refused: str = ""
    why: str = ""
    then: str = ""
    direction: str = ""
    steps: tuple[str, ...] = ()
    input: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def plan(act: Act, saga: Saga, inputs: Mapping[str, str] | None = None) -> Plan:
    """Judge an act as it would be judged, and say what would follow.

    Writes nothing. Marking asks the outside for its proof, as the act itself does.
    """
    try:
        return _PLANS[act](saga, inputs or {})
    except ActRefused as error:
        now = Saga.objects.get(pk=saga.pk)
        return Plan(
            act.value,
            now.reference,
            now.fence,
            now.step,
            refused=str(error),
            why=type(error).__name__,
        )


def open_acts(saga: Saga) -> list[Act]:
    """Return the acts that would not be refused now; no proof is asked for."""
    return [act for act, read in _READ.items() if _is_open(saga, read)]


def _is_open(saga: Saga, read: Callable[[Saga, int | None], object]) -> bool:
    try:
        read(saga, None)
    except ActRefused:
        return False
    return True


def _resuming(saga: Saga, inputs: Mapping[str, str]) -> Plan:
    now = read_stopped(saga, None)
    definition, step = actions.step_of(now)
    changed = difference(now, inputs)
    if now.direction == Direction.UNDO:
        return _backward(Act.RESUME, now, way_back(definition, now))
    return _forward(Act.RESUME, now, definition.ahead(step.name), changed)


def _marking(saga: Saga, _inputs: Mapping[str, str]) -> Plan:
    now, definition, step = read_markable(saga, None)
    prove(now, step)
    return _forward(Act.MARK_DONE, now, _behind(definition, step))


def _skipping(saga: Saga, _inputs: Mapping[str, str]) -> Plan:
    now, definition, step = read_skippable(saga, None)
    return _forward(Act.SKIP, now, _behind(definition, step))


def _cancelling(saga: Saga, _inputs: Mapping[str, str]) -> Plan:
    now, back = read_cancellable(saga, None)
    return _backward(Act.CANCEL, now, back)


_PLANS = {
    Act.RESUME: _resuming,
    Act.MARK_DONE: _marking,
    Act.SKIP: _skipping,
    Act.CANCEL: _cancelling,
}
_READ: dict[Act, Callable[[Saga, int | None], object]] = {
    Act.RESUME: read_stopped,
    Act.MARK_DONE: read_markable,
    Act.SKIP: read_skippable,
    Act.CANCEL: read_cancellable,
}


def _behind(definition: Definition, step: Step) -> tuple[Step, ...]:
    return tuple(each for each in definition.ahead(step.name) if each != step)


def _forward(
    act: Act,
    saga: Saga,
    ahead: tuple[Step, ...],
    changed: dict[str, dict[str, Any]] | None = None,
) -> Plan:
    return Plan(
        act.value,
        saga.reference,
        saga.fence,
        saga.step,
        then=State.RUNNING.value if ahead else State.DONE.value,
        direction=Direction.DO.value,
        steps=tuple(step.name for step in ahead),
        input=changed or {},
    )


def _backward(act: Act, saga: Saga, back: list[str]) -> Plan:
    return Plan(
        act.value,
        saga.reference,
        saga.fence,
        saga.step,
        then=State.COMPENSATING.value if back else State.COMPENSATED.value,
        direction=Direction.UNDO.value,
        steps=tuple(back),
    )
