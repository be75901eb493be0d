"""What forms of staff share: the reason, keys of chosen rows, a parcel's label."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import Carrier
from shop.form_fields import PatternField, TextField

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


class CarrierForm(forms.Form):
    """Who carries a parcel, and under which number."""

    carrier = forms.ChoiceField(label=_("Carrier"), choices=Carrier)
    tracking_number = PatternField(
        r"^[0-9A-Za-z-]*$",
        label=_("Tracking number"),
        max_length=40,
        required=False,
        help_text=_("Letters, digits and hyphens. The customer gets it by mail."),
        error_messages={"invalid": _("Only letters, digits and hyphens.")},
    )
