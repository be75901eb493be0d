"""The graph of a saga's steps, each with its state as text as well as colour."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.wording import step_title
from checkout.status.sagas import OrderSagas
from saga.branches import BRANCHES_LAST
from saga.definition import Definition, get_definition
from saga.errors import UnknownDefinition
from saga.models import Attempt, Direction, Saga, State
from saga.step import Step
from shop.formatting import Wording, moment

Look = Literal[
    "done",
    "running",
    "waiting",
    "failed",
    "undoing",
    "undone",
    "to_undo",
    "passed",
    "ahead",
]

_LOOKS: dict[Look, Wording] = {
    "done": _("done"),
    "running": _("under way"),
    "waiting": _("waiting"),
    "failed": _("stopped here"),
    "undoing": _("being undone"),
    "undone": _("undone"),
    "to_undo": _("done, to be undone"),
    "passed": _("not needed"),
    "ahead": _("not reached"),
}


@dataclass(frozen=True)
class Node:
    """One step. ``is_pivot``: after it nothing can be undone.

    ``branch`` names the branch in which it runs, empty for the main path.
    """

    name: str
    title: str
    look: Look
    note: str
    is_pivot: bool
    branch: str = ""

    @property
    def state(self) -> str:
        return str(_LOOKS[self.look])


@dataclass(frozen=True)
class GraphPath:
    """Steps that run one after the other, then paths that run side by side."""

    nodes: list[Node]
    split: list["GraphPath"] = field(default_factory=list)


def draw(sagas: OrderSagas, attempts: Iterable[Attempt]) -> list[Node]:
    """Return the steps of one saga that this code knows, branches after the main path.

    A step that this code does not know is last: its saga cannot continue.
    """
    saga, tries = sagas.main_path, list(attempts)
    try:
        definition = get_definition(saga.definition)
    except UnknownDefinition:
        return [_unknown(each) for each in sagas.own]
    nodes = []
    for step in [*definition.along(""), *_aside(definition)]:
        mine = [row for row in tries if definition.today(row.step) == step.name]
        owner = sagas.in_branch(step.branch)
        look = _look(definition, step, owner or saga, mine)
        note = _note(definition, step, owner or saga, mine)
        nodes.append(
            Node(
                step.name,
                str(step.title) or step_title(step.name),
                look,
                note,
                step.pivot,
                branch=step.branch,
            )
        )
    known = {step.name for step in definition.steps}
    strangers = [m for m in sagas.own if definition.today(m.step) not in known]
    return [*nodes, *(_unknown(each) for each in strangers)]


def arrange(nodes: list[Node], sagas: OrderSagas) -> GraphPath:
    """Return the nodes as they run: in a row, side by side after a split."""
    main_path = [node for node in nodes if not node.branch]
    try:
        definition = get_definition(sagas.main_path.definition)
    except UnknownDefinition:
        return GraphPath(nodes)
    for number, node in enumerate(main_path, start=1):
        begun = _begun(definition, node)
        if begun:
            aside = [
                [each for each in nodes if each.branch == branch] for branch in begun
            ]
            rest = [
                each
                for each in nodes
                if each not in main_path[:number] and each.branch not in begun
            ]
            ways = [arrange(rest, sagas), *(GraphPath(branch) for branch in aside)]
            return GraphPath(main_path[:number], [each for each in ways if each.nodes])
    return GraphPath(nodes)


def _begun(definition: Definition, node: Node) -> list[str]:
    if node.name not in {step.name for step in definition.steps}:
        return []
    return [branch.name for branch in definition.splitting_off(node.name)]


def _aside(definition: Definition) -> list[Step]:
    return [step for step in definition.steps if step.branch]


def _unknown(saga: Saga) -> Node:
    text = gettext("This program does not know the step.")
    return Node(saga.step, saga.step, "failed", text, is_pivot=False)


def _look(definition: Definition, step: Step, saga: Saga, mine: list[Attempt]) -> Look:
    if step.name in definition.passed_over(saga.data):
        return "passed"
    if saga.direction == Direction.UNDO:
        return _look_backward(definition, step, saga, mine)
    at = definition.today(saga.step)
    if at == step.name:
        return _look_here(saga)
    names = [each.name for each in definition.along(saga.branch)]
    if step.name not in names or at not in names:
        # Another branch, or a saga that was started before there were branches.
        return "done" if _went_well(mine) or saga.state == State.DONE else "ahead"
    return "done" if names.index(step.name) < names.index(at) else "ahead"


def _look_here(saga: Saga) -> Look:
    if saga.waiting_for == BRANCHES_LAST:
        return "done"
    looks: dict[str, Look] = {
        State.DONE: "done",
        State.FAILED: "failed",
        State.WAITING: "waiting",
        State.JOINING: "waiting",
    }
    return looks.get(saga.state, "running")


def _look_backward(
    definition: Definition, step: Step, saga: Saga, mine: list[Attempt]
) -> Look:
    forward = [row for row in mine if row.direction == Direction.DO]
    backward = [row for row in mine if row.direction == Direction.UNDO]
    if any(row.outcome == Attempt.Outcome.OK for row in backward):
        return "undone"
    if step.name == definition.today(saga.step) and saga.state != State.COMPENSATED:
        return "failed" if saga.state == State.FAILED else "undoing"
    if any(row.outcome == Attempt.Outcome.REFUSED for row in forward):
        return "failed"
    if _went_well(forward):
        return "to_undo" if step.undo else "done"
    return "ahead"


def _went_well(rows: list[Attempt]) -> bool:
    return any(row.outcome == Attempt.Outcome.OK for row in rows)


def _note(definition: Definition, step: Step, saga: Saga, rows: list[Attempt]) -> str:
    """Return when the step was done or started, or how often it was tried."""
    mine = [row for row in rows if not row.is_act]
    if not mine:
        return ""
    last = mine[-1]
    if last.outcome == Attempt.Outcome.OK and last.ended_at:
        return moment(last.ended_at)
    if step.name == definition.today(saga.step) and len(mine) > 1:
        return gettext("%(count)d tries") % {"count": len(mine)}
    return moment(last.started_at)
