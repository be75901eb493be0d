"""What forms of staff share: the field for the reason, and keys of chosen rows."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.form_fields import TextField

LONGEST_REASON = 300
_KEY = re.compile(r"[0-9]{1,18}")


def read_keys(sent: Iterable[str]) -> list[int]:
    """Return the keys of rows among sent values, without what cannot be a key."""
    return [int(value) for value in sent if _KEY.fullmatch(value)]


class ReasonField(TextField):
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
