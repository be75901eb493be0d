"""Staff actions on one order: preview, require a reason, run at most once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.order import resend
from backoffice.admin.order.forms import ReasonForm
from backoffice.order_overview import OrderOverview
from backoffice.previews.order import preview_action
from backoffice.previews.preview import Preview
from backoffice.wording import input_title, step_title
from checkout.status.money import money
from saga.errors import ActionRefused, InputRefused
from saga.operations import (
    Action,
    cancel,
    mark_done,
    open_actions,
    open_inputs,
    resume,
    skip,
)
from saga.operations import (
    preview as preview_saga,
)
from shop.formatting import Wording

_PREFIX = "input_"


@dataclass(frozen=True)
class Button:
    """One button: its name in the address, its action, permission and texts."""

    name: str
    act: Action | None
    permission: str
    label: Wording
    done: Wording
    hint: Wording


BUTTONS = {
    button.name: button
    for button in (
        Button(
            "edit",
            Action.RESUME,
            permissions.RESUME_STALLED,
            _("Change the input and resume"),
            _("%(number)s resumed."),
            _("For a wrong mail address, say. The old value stays in the history."),
        ),
        Button(
            "mark",
            Action.MARK_DONE,
            permissions.SETTLE_STALLED,
            _("Mark the step as done"),
            _("%(number)s: step marked as done, order resumed."),
            _("Use if it was completed elsewhere. Verified first where possible."),
        ),
        Button(
            "skip",
            Action.SKIP,
            permissions.SETTLE_STALLED,
            _("Skip the step"),
            _("%(number)s: step skipped, order resumed."),
            _("The order continues without it. This cannot be undone."),
        ),
        Button(
            "cancel",
            Action.CANCEL,
            permissions.CANCEL_STALLED,
            _("Cancel and undo"),
            _("%(number)s is being cancelled."),
            _("Before the charge only: the payment is voided, the goods are put back."),
        ),
        Button(
            "resend",
            None,
            permissions.RESEND_MAIL,
            _("Send the confirmation again"),
            _("%(number)s: the confirmation is sent again within seconds."),
            _("When the customer did not get it. Nothing else is done again."),
        ),
    )
}


@dataclass(frozen=True)
class Field:
    """One input that may be replaced. ``typed`` is the value in its field."""

    name: str
    title: str
    typed: str

    @property
    def key(self) -> str:
        return _PREFIX + self.name


@dataclass(frozen=True)
class Question:
    """What the page of one action shows before anything is done.

    ``refusal`` says in plain words why it cannot be done, ``detail`` exactly.
    ``is_asking`` is True while the new input still has to be typed.
    """

    overview: OrderOverview
    button: Button
    seen: int
    preview: Preview
    refusal: str = ""
    detail: str = ""
    fields: list[Field] = field(default_factory=list)
    is_asking: bool = False

    @property
    def failure(self) -> str:
        return self.overview.failure

    @property
    def step(self) -> str:
        return step_title(self.overview.saga.step)

    @property
    def money(self) -> tuple[str, str]:
        return money(self.overview.payment, self.overview.saga)


def list_buttons(overview: OrderOverview, user: User | AnonymousUser) -> list[Button]:
    """Return the buttons that this user may press in the order's state."""
    may = [button for button in BUTTONS.values() if user.has_perm(button.permission)]
    if not may:
        return []
    possible = open_actions(overview.saga)
    return [button for button in may if _is_offered(overview, button, possible)]


def ask(overview: OrderOverview, button: Button, sent: Mapping[str, str]) -> Question:
    """Return the preview of an action. Writes nothing.

    For "mark as done" it asks the provider or the ledger for the proof.
    """
    if button.act is None:
        return _ask_to_resend(overview, button)
    typed = read_inputs(sent)
    fields = _fields(overview, button, typed)
    if fields and not typed:
        return Question(
            overview,
            button,
            overview.saga.fence,
            Preview([], []),
            fields=fields,
            is_asking=True,
        )
    planned = preview_saga(button.act, overview.saga, typed)
    refusal = planned.refusal
    return Question(
        overview,
        button,
        planned.seen,
        preview_action(overview, planned),
        refusal=str(refusal.sentence) if refusal else "",
        detail=str(refusal or ""),
        fields=fields,
        # An unusable value: let it be typed again.
        is_asking=isinstance(refusal, InputRefused),
    )


def _ask_to_resend(overview: OrderOverview, button: Button) -> Question:
    seen = overview.saga.fence
    try:
        preview = resend.preview(overview)
    except resend.NotSendable as error:
        nothing, refusal = Preview([], []), str(error.sentence)
        return Question(overview, button, seen, nothing, refusal=refusal)
    return Question(overview, button, seen, preview)


def act(
    overview: OrderOverview,
    button: Button,
    *,
    actor: str,
    form: ReasonForm,
    sent: Mapping[str, str],
) -> None:
    """Run the action once.

    Raises ActionRefused, for example if the order has changed since the page was
    opened.
    """
    reason, seen = form.cleaned_data["reason"], form.cleaned_data["seen"]
    saga = overview.saga
    match button.act:
        case Action.RESUME:
            resume(saga, actor, reason, seen=seen, inputs=read_inputs(sent))
        case Action.MARK_DONE:
            mark_done(saga, actor, reason, seen=seen)
        case Action.SKIP:
            skip(saga, actor, reason, seen=seen)
        case Action.CANCEL:
            cancel(saga, actor, reason, seen=seen)
        case None:
            resend.resend(overview, actor, reason, form.cleaned_data["key"])


def _is_offered(
    overview: OrderOverview, button: Button, possible: list[Action]
) -> bool:
    if button.act is None:
        return resend.is_possible(overview)
    return button.act in possible and (button.name != "edit" or bool(_inputs(overview)))


def read_inputs(sent: Mapping[str, str]) -> dict[str, str]:
    """Return input's name -> the typed value."""
    return {
        key.removeprefix(_PREFIX): value
        for key, value in sent.items()
        if key.startswith(_PREFIX)
    }


def _fields(
    overview: OrderOverview, button: Button, typed: Mapping[str, str]
) -> list[Field]:
    if button.name != "edit":
        return []
    return [
        Field(name, input_title(name), typed.get(name, str(value)))
        for name, value in _inputs(overview).items()
    ]


def _inputs(overview: OrderOverview) -> dict[str, Any]:
    try:
        return open_inputs(overview.saga)
    except ActionRefused:
        return {}
