"""The answer to a message from a customer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from checkout.contact.models import LONGEST_TEXT
from shop.forms.fields import TextField


class AnswerForm(forms.Form):
    text = TextField(
        label=_("Answer"),
        max_length=LONGEST_TEXT,
        help_text=_("The customer gets it by mail, with what was written to you."),
        widget=forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField"}),
        error_messages={"required": _("Write the answer.")},
    )
