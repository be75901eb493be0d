"""The form to resume a failure group."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.admin.forms import ReasonField
from saga.bulk_resume.background import Request
from saga.bulk_resume.pace import Pace
from shop.forms.fields import LineField, NumberField, RateField

_LARGEST_CANARY = 100_000


class GroupForm(forms.Form):
    """Canary, pace and reason.

    ``key`` names the form, so that one sent twice starts one bulk resume. ``seen`` is
    the fingerprint of the group that the page showed.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = LineField(widget=forms.HiddenInput)
    canary = NumberField(
        label=_("Try first"),
        min_value=0,
        max_value=_LARGEST_CANARY,
        help_text=_("The others follow when these are through. 0: none goes first."),
    )
    per_second = RateField(
        label=_("Orders per second after that"),
        min_value=0.01,
        max_value=50,
        help_text=_("Slowly enough for whatever was mended: a mail server, the bank."),
    )
    reason = ReasonField(
        help_text=_("Kept with the history of every order, with your name."),
        missing=_("Enter why they can be resumed now."),
    )

    @classmethod
    def blank(cls, seen: str) -> "GroupForm":
        key = uuid.uuid4()
        return cls(initial={"key": key, "seen": seen, "canary": 1, "per_second": 1})

    def bulk_resume(self, actor: str) -> Request:
        values = self.cleaned_data
        pace = Pace(values["canary"], values["per_second"])
        return Request(values["key"], actor, values["reason"], pace)
