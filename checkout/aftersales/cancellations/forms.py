"""The form with which a customer asks to cancel an order."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.forms.fields import TextField


class CancelForm(forms.Form):
    """``uid`` names the request, so that a form sent twice is one request."""

    uid = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
    reason = TextField(
        label=_("Why do you want to cancel?"),
        help_text=_("It helps us, but you need not say."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
