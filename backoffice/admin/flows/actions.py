"""What staff do to a flow: preview it, give a reason, do it once."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.utils.translation import gettext_lazy as _

from backoffice.wording import step_title
from flows.registry import find_flow
from saga.errors import ActionRefused
from saga.items import ITEMS
from saga.models import Direction, Saga, State
from saga.operations import (
    Action,
    Decider,
    cancel,
    decide,
    open_actions,
    open_decision,
    preview,
    resume,
    skip,
)
from shop.formatting import Wording

Person = User | AnonymousUser
# Items that are resumed by one press; further ones by the next.
MOST_ITEMS = 500


@dataclass(frozen=True)
class Button:
    """One action: its name in the address, its texts, and the engine's action."""

    name: str
    label: Wording
    done: Wording
    action: Action | None = None


BUTTONS = {
    button.name: button
    for button in (
        Button("approve", _("Approve"), _("Approved.")),
        Button("decline", _("Decline"), _("Declined.")),
        Button(
            "resume", _("Resume from the failed step"), _("Resumed."), Action.RESUME
        ),
        Button("items", _("Resume all items that stopped"), _("Resumed.")),
        Button("skip", _("Skip the step"), _("Skipped."), Action.SKIP),
        Button("cancel", _("Cancel and undo"), _("It is being undone."), Action.CANCEL),
    )
}


@dataclass(frozen=True)
class Acted:
    """Who acts, on which state of the saga, and why."""

    user: Person
    reason: str
    seen: int


def may_act(saga: Saga, user: Person) -> bool:
    """Return whether the user may run this flow; an item counts as its flow."""
    flow = find_flow((saga.parent or saga).definition)
    return flow is not None and user.has_perm(flow.permission)


def list_buttons(saga: Saga, user: Person) -> list[Button]:
    """Return the buttons that this user may press now."""
    names = []
    decision = open_decision(saga)
    if decision:
        try:
            decision.refuse(_decider(user))
        except ActionRefused:
            pass
        else:
            names += ["approve", "decline"]
    if may_act(saga, user):
        possible = open_actions(saga)
        names += [b.name for b in BUTTONS.values() if b.action in possible]
        names += ["items"] if stopped_items(saga) else []
    return [button for button in BUTTONS.values() if button.name in names]


def explain(saga: Saga, button: Button) -> list[str]:
    """Return what would follow, one line each."""
    if button.action is None:
        return []
    planned = preview(button.action, saga)
    text = (
        _("Will be undone: %(step)s")
        if planned.direction == Direction.UNDO
        else _("Will be done: %(step)s")
    )
    names = [step_title(name, saga.definition) for name in planned.steps]
    return [str(text) % {"step": name} for name in names]


def act(saga: Saga, button: Button, acted: Acted) -> None:
    """Do it once. Raises ActionRefused; then nothing was changed."""
    doing: dict[str, Callable[[], None]] = {
        "approve": lambda: _decide(saga, acted, approved=True),
        "decline": lambda: _decide(saga, acted, approved=False),
        "items": lambda: _resume_items(saga, acted),
        "resume": lambda: resume(saga, _name(acted), acted.reason, seen=acted.seen),
        "skip": lambda: skip(saga, _name(acted), acted.reason, seen=acted.seen),
        "cancel": lambda: cancel(saga, _name(acted), acted.reason, seen=acted.seen),
    }
    doing[button.name]()


def stopped_items(saga: Saga) -> list[Saga]:
    """Return the items of the present step that stopped, the first ones."""
    if saga.waiting_for != ITEMS:
        return []
    rows = Saga.objects.filter(parent=saga, state=State.FAILED).order_by("pk")
    return list(rows[:MOST_ITEMS])


def _resume_items(saga: Saga, acted: Acted) -> None:
    for item in stopped_items(saga):
        resume(item, _name(acted), acted.reason, seen=item.fence)


def _decide(saga: Saga, acted: Acted, *, approved: bool) -> None:
    by = _decider(acted.user)
    decide(saga, by, acted.reason, approved=approved, seen=acted.seen)


def _decider(user: Person) -> Decider:
    return Decider(user.get_username(), user.has_perm)


def _name(acted: Acted) -> str:
    return acted.user.get_username()
