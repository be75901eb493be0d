"""Forms to pause checkout, to set the banner and to end either."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from backoffice.admin.forms import ReasonField
from checkout.announcements.models import LONGEST_MESSAGE
from shop.forms.fields import TextField

_TEXT = {"rows": 3, "class": "vLargeTextField"}


class ReasonForm(forms.Form):
    reason = ReasonField(
        help_text=_("For your colleagues; kept with your name. Customers never see it.")
    )


class MessageForm(ReasonForm):
    """What customers read, in both languages, and the reason for colleagues."""

    message_en = TextField(
        label=_("Message to customers, in English"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs=_TEXT | {"lang": "en"}),
        error_messages={"required": _("Write what customers read in English.")},
    )
    message_ja = TextField(
        label=_("Message to customers, in Japanese"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs=_TEXT | {"lang": "ja"}),
        error_messages={"required": _("Write what customers read in Japanese.")},
    )
    field_order = ["message_en", "message_ja", "starts_at", "ends_at", "reason"]


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class BannerForm(MessageForm):
    starts_at = forms.DateTimeField(
        label=_("Show it from"),
        required=False,
        help_text=_("Empty: at once."),
        widget=MomentInput(),
    )
    ends_at = forms.DateTimeField(
        label=_("Show it until"),
        required=False,
        help_text=_("Empty: until staff take it down."),
        widget=MomentInput(),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = values.get("starts_at"), values.get("ends_at")
        if start and end and end <= start:
            raise ValidationError({"ends_at": _("It must end after it begins.")})
        return values
