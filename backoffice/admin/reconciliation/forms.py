"""The form to explain mismatches."""

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.forms.fields import TextField

LONGEST_NOTE = 300


class ExplainForm(forms.Form):
    note = TextField(
        label=_("Explanation"),
        max_length=LONGEST_NOTE,
        help_text=_("Why it may stay as it is, or how it was settled. Kept for good."),
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        error_messages={"required": _("Write why it may stay.")},
    )
