"""The saga's steps as a picture: each with its state, in words besides colour."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.saga.definition import Step, get_definition
from checkout.saga.errors import UnknownDefinition
from checkout.saga.models import Attempt, Direction, Saga, State
from checkout.words import Words, moment, step_title

Look = Literal[
    "done", "running", "waiting", "failed", "undoing", "undone", "to_undo", "ahead"
]

_LOOKS: dict[Look, Words] = {
    "done": _("done"),
    "running": _("under way"),
    "waiting": _("waiting"),
    "failed": _("stopped here"),
    "undoing": _("being undone"),
    "undone": _("undone"),
    "to_undo": _("done, to be undone"),
    "ahead": _("not reached"),
}


@dataclass(frozen=True)
class Node:
    """One step in the picture. ``is_pivot``: after it nothing can be undone."""

    name: str
    title: str
    look: Look
    note: str
    is_pivot: bool

    @property
    def words(self) -> str:
        return str(_LOOKS[self.look])


def draw(saga: Saga, attempts: Iterable[Attempt]) -> list[Node]:
    """Return the saga's steps in order, as today's code knows them.

    A step that this code does not know stands at the end: the saga rests there.
    """
    tries = list(attempts)
    try:
        steps = get_definition(saga.definition).steps
    except UnknownDefinition:
        steps = ()
    nodes = [
        Node(
            step.name,
            step_title(step.name),
            _look(saga, step, steps, tries),
            _note(saga, step.name, tries),
            step.pivot,
        )
        for step in steps
    ]
    if saga.step not in {step.name for step in steps}:
        unknown = gettext("This program does not know the step.")
        nodes.append(Node(saga.step, saga.step, "failed", unknown, is_pivot=False))
    return nodes


def _look(
    saga: Saga, step: Step, steps: tuple[Step, ...], tries: list[Attempt]
) -> Look:
    names = [each.name for each in steps]
    here = names.index(saga.step) if saga.step in names else len(names)
    if saga.direction == Direction.UNDO:
        return _look_backward(saga, step, tries)
    if saga.state == State.DONE or names.index(step.name) < here:
        return "done"
    if names.index(step.name) > here:
        return "ahead"
    looks: dict[str, Look] = {State.FAILED: "failed", State.WAITING: "waiting"}
    return looks.get(saga.state, "running")


def _look_backward(saga: Saga, step: Step, tries: list[Attempt]) -> Look:
    mine = [row for row in tries if row.step == step.name]
    forward = [row for row in mine if row.direction == Direction.DO]
    backward = [row for row in mine if row.direction == Direction.UNDO]
    if any(row.outcome == Attempt.Outcome.OK for row in backward):
        return "undone"
    if step.name == saga.step and saga.state != State.COMPENSATED:
        return "failed" if saga.state == State.FAILED else "undoing"
    if any(row.outcome == Attempt.Outcome.REFUSED for row in forward):
        return "failed"
    if any(row.outcome == Attempt.Outcome.OK for row in forward):
        return "to_undo" if step.undo else "done"
    return "ahead"


def _note(saga: Saga, name: str, tries: list[Attempt]) -> str:
    """Say how often a step was tried, or when it was done."""
    mine = [row for row in tries if row.step == name and not row.is_act]
    if not mine:
        return ""
    last = mine[-1]
    if last.outcome == Attempt.Outcome.OK and last.ended_at:
        return moment(last.ended_at)
    if name == saga.step and len(mine) > 1:
        return gettext("%(count)d tries") % {"count": len(mine)}
    return moment(last.started_at)
