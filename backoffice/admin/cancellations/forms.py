"""The forms with which staff cancel an order, or decline the customer's request."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.admin.forms import ReasonField
from shop.forms.fields import NumberField, TextField


class AcceptForm(forms.Form):
    """``uid`` names the form, so that one sent twice acts once.

    ``shown`` is the amount to be refunded that the page showed, in minor units. With a
    request of the customer a reason need not be given.
    """

    uid = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
    shown = NumberField(widget=forms.HiddenInput)
    reason = ReasonField()

    def __init__(self, *args: Any, is_asked: bool, shown: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].initial = shown
        self.fields["reason"].required = not is_asked


class DeclineForm(forms.Form):
    answer = TextField(
        label=_("Words to the customer"),
        max_length=500,
        help_text=_("The customer reads them in a mail and on the order's page."),
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": _("Write why it is not cancelled.")},
    )
