"""The forms to correct a recipient, and a parcel's tracking number.

``SEEN`` fields carry what the page showed: the correction is made only if that is
still there. ``uid`` makes a form that is sent twice one correction.
"""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from backoffice.admin.forms import CarrierForm, ReasonField
from checkout.cart.forms import OF_DELIVERY, InformationForm
from orders.models import Exchange, Order, Parcel
from orders.models.change import RECIPIENT, TRACKING
from orders.transitions.corrections import Correction
from shop.text.stored import storable

# No field is longer.
_LONGEST = 300
_ALLOWED = _("Only letters, digits and hyphens.")
_UNCHANGED = _("Nothing is different. Change something, or go back.")


class SeenField(forms.JSONField):
    """What the page showed: field -> value, as texts."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> dict[str, str]:
        seen = super().clean(value)
        if not isinstance(seen, dict) or not all(
            isinstance(text, str) and storable(text, _LONGEST) == text
            for text in seen.values()
        ):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return seen


class _Corrected(forms.Form):
    """What both forms share. ``names`` are the fields that may be corrected."""

    names: tuple[str, ...] = ()
    uid: Any
    seen: Any

    def correction(self, actor: str) -> Correction:
        """Return the correction that a valid form describes."""
        before, after = self.changed()
        data = self.cleaned_data
        return Correction(data["uid"], before, after, actor, data["reason"])

    def changed(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the changed fields with the values seen, and with those typed."""
        seen, typed = self.cleaned_data["seen"], self.cleaned_data
        names = [
            name
            for name in self.names
            if name in typed and typed[name] != seen.get(name, "")
        ]
        return {n: seen.get(n, "") for n in names}, {n: typed[n] for n in names}

    def require_change(self) -> None:
        if not self.errors and not any(self.changed()):
            self.add_error(None, ValidationError(_UNCHANGED, code="unchanged"))


class RecipientForm(_Corrected, InformationForm):
    """The customer's own form, with the same rules, and a reason.

    What is picked up has no address.
    """

    names: tuple[str, ...] = RECIPIENT
    uid = forms.UUIDField(widget=forms.HiddenInput)
    seen = SeenField()
    reason = ReasonField()

    class Meta(InformationForm.Meta):
        fields = list(RECIPIENT)

    def __init__(self, *args: Any, is_pickup: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Staff write the billing address or empty it.
        del self.fields["has_billing"]
        if is_pickup:
            self.names = tuple(name for name in RECIPIENT if name not in OF_DELIVERY)
            for name in set(OF_DELIVERY).intersection(self.fields):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.require_change()
        return cleaned


class TrackingForm(_Corrected, CarrierForm):
    """Unlike a first number, a corrected one goes to the customer only if wanted."""

    names = TRACKING
    uid = forms.UUIDField(widget=forms.HiddenInput)
    seen = SeenField()
    with_mail = forms.BooleanField(
        label=_("Send the customer a mail with the right number"), required=False
    )
    reason = ReasonField()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.require_change()
        return cleaned

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tracking_number"].help_text = str(_ALLOWED)


def initial_of(
    row: Order | Parcel | Exchange, names: tuple[str, ...]
) -> dict[str, Any]:
    """Return what a form begins with: the values of now, and its own key."""
    values = {name: getattr(row, name) for name in names}
    return {**values, "seen": values, "uid": uuid.uuid4()}
