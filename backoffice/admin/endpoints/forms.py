"""The forms of an endpoint: what it hears of, and how its secret is replaced."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.consumers import matches
from events.types import all_types
from outgoing.webhooks.consumers import MOST_ACTIVE
from outgoing.webhooks.models import Endpoint
from outgoing.webhooks.secrets import OVERLAP
from shop.forms.fields import TextField
from shop.text.typed_url import LONGEST_URL, Fault, WrongUrl, read_url

if TYPE_CHECKING:
    Form = forms.ModelForm[Endpoint]
else:
    Form = forms.ModelForm

_WRONG = {
    Fault.LENGTH: _("The URL is too long."),
    Fault.SCHEME: _("The URL must begin with https://"),
    Fault.CREDENTIALS: _(
        "Leave out the user name and the password: the signature says who sends it."
    ),
    Fault.FRAGMENT: _("Leave out the # and what follows it."),
    Fault.PORT: _("The port is not a number from 1 to 65535."),
    Fault.FORM: _("This is not a URL such as https://erp.example.com/hooks"),
}
_SPLIT = re.compile(r"[\s,]+")


class EndpointForm(Form):
    name = TextField(
        label=pgettext_lazy("endpoint", "Name"),
        max_length=80,
        help_text=_("For your colleagues."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    url = TextField(
        label=_("URL"),
        max_length=LONGEST_URL,
        help_text=_(
            "Events are posted here. Addresses of private networks are refused when "
            "they are called."
        ),
        widget=forms.URLInput(
            attrs={"class": "vLargeTextField", "autocomplete": "off"}
        ),
    )
    types = TextField(
        label=_("Event types"),
        initial="*",
        max_length=2_000,
        help_text=_(
            "One pattern per line, such as order.* or stock.received; * stands for all."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
    )
    in_order = forms.BooleanField(
        label=_("In order"),
        required=False,
        help_text=_(
            "The events of an order or a product wait until the one before was taken."
        ),
    )

    class Meta:
        model = Endpoint
        fields = ["name", "url", "types", "in_order"]

    def clean(self) -> dict[str, Any]:
        is_new = self.instance.pk is None
        if is_new and Endpoint.objects.active().count() >= MOST_ACTIVE:
            text = _("There are %(most)d active endpoints already: switch one off.")
            raise ValidationError(text, params={"most": MOST_ACTIVE})
        return super().clean() or self.cleaned_data

    def clean_url(self) -> str:
        text = str(self.cleaned_data["url"])
        try:
            read_url(text, plain=not settings.PRODUCTION)
        except WrongUrl as error:
            raise ValidationError(_WRONG[error.fault]) from error
        return text

    def clean_types(self) -> str:
        patterns = [one for one in _SPLIT.split(self.cleaned_data["types"]) if one]
        known = [each.name for each in all_types()]
        for pattern in patterns:
            if not any(matches(name, (pattern,)) for name in known):
                text = _("No event type matches %(pattern)s.")
                raise ValidationError(text, params={"pattern": pattern})
        return "\n".join(dict.fromkeys(patterns))


class RotateForm(forms.Form):
    overlap = forms.TypedChoiceField(
        label=_("The old secret signs as well"),
        coerce=lambda hours: timedelta(hours=int(hours)),
        initial=int(OVERLAP.total_seconds() // 3600),
        choices=[
            (1, _("for one hour")),
            (24, _("for one day")),
            (72, _("for three days")),
            (0, _("no longer: somebody else knows it")),
        ],
        widget=forms.RadioSelect,
        help_text=_(
            "Until then, every message carries both signatures, so that the other "
            "system can change when it suits."
        ),
    )


class SwitchOnForm(forms.Form):
    """Asks whether what happened meanwhile is to be sent."""

    missed = forms.BooleanField(required=False, initial=True)

    def __init__(self, number: int, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if number:
            text = _("Also send the %(number)d events that happened meanwhile")
            self.fields["missed"].label = str(text) % {"number": number}
        else:
            del self.fields["missed"]
