"""The field in which staff say why, in every form that changes something."""

from django import forms
from django.utils.translation import gettext_lazy as _

from checkout.words import Words

LONGEST_REASON = 300


def reason_field(*, missing: Words = "", **texts: Words) -> forms.CharField:
    """Return a field for why; ``missing`` is said where nothing was written.

    ``texts``: label and help_text, where they are not the usual ones.
    """
    usual: dict[str, Words] = {
        "label": _("Reason"),
        "help_text": _("Kept with the order's history, with your name."),
    }
    return forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        error_messages={"required": missing or _("Write why.")},
        **(usual | texts),
    )
