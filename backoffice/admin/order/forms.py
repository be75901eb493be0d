"""Forms of an order's pages: the reason for an action, and a note."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.admin.forms import ReasonField
from shop.forms.fields import NumberField, TextField


class ReasonForm(forms.Form):
    """The reason for an action.

    ``seen`` is the saga's fence that the page showed. ``key`` names the form, so that
    one sent twice acts once.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = NumberField(widget=forms.HiddenInput)
    reason = ReasonField()

    @classmethod
    def blank(cls, seen: int) -> "ReasonForm":
        return cls(initial={"key": uuid.uuid4(), "seen": seen})


class NoteForm(forms.Form):
    """A note. ``key`` names the form, so that one sent twice is kept once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    text = TextField(
        label=_("Note"),
        max_length=2000,
        help_text=_("For your colleagues; the customer never sees it."),
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": _("Write the note first.")},
    )

    @classmethod
    def blank(cls) -> "NoteForm":
        return cls(initial={"key": uuid.uuid4()})
