"""Notes that staff write on an order."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.models import OrderNote
from orders.models import Order


class NoteForm(forms.Form):
    """A note. ``key`` names the form, so that one sent twice is kept once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Note"),
        max_length=2000,
        help_text=_("For your colleagues; the customer never sees it."),
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": _("Write the note first.")},
    )

    @classmethod
    def blank(cls) -> "NoteForm":
        return cls(initial={"key": uuid.uuid4()})


def write(order: Order, actor: str, values: dict[str, Any]) -> None:
    """Keep the note; the same form sent again changes nothing."""
    OrderNote.objects.get_or_create(
        key=values["key"],
        defaults={"order": order, "actor": actor, "text": values["text"]},
    )
