"""The field for the reason, used by every form that changes something."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_REASON = 300


class ReasonField(forms.CharField):
    """A required reason. ``missing`` is the error message when it is empty."""

    def __init__(self, *, missing: Any = None, **texts: Any) -> None:
        usual: dict[str, Any] = {
            "label": _("Reason"),
            "max_length": LONGEST_REASON,
            "help_text": _("Kept with the order's history, with your name."),
            "widget": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            "error_messages": {"required": missing or _("Write why.")},
        }
        super().__init__(**(usual | texts))
