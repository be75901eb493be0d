"""Why an act of staff was refused, in words for whoever pressed the button."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saga.errors import ActRefused
from shop.formatting import Wording

_SENTENCES: dict[str, Wording] = {
    "NotResumable": _("It does not stand still any more, so nothing is resumed."),
    "InputRefused": _("What was typed in cannot be used here."),
    "Ended": _("It has ended: nothing is left to be done or undone."),
    "GoingBack": _("It is already being undone."),
    "Joining": _("It waits for what runs beside it: act there."),
    "NotAlone": _("A branch is undone together with its order only."),
    "Busy": _("A worker is at it right now. Wait a minute, then look again."),
    "Changed": _("It has changed since you opened the page. Look at it once more."),
    "Unproven": _(
        "There is no proof that the step was done, so it is not marked as done."
    ),
    "NotMarkable": _("This step cannot be marked as done."),
    "NotSkippable": _("This step must not be skipped: the order needs it."),
    "PastPivot": _(
        "It cannot be cancelled any more: the charge was sent. Only a refund can "
        "give the money back."
    ),
}


def sentence(class_name: str) -> str:
    """Say why, by the refusal's class; an unknown one in general words."""
    known = _SENTENCES.get(class_name)
    return str(known) if known else gettext("That is not possible now.")


def of(error: ActRefused) -> str:
    return sentence(type(error).__name__)
