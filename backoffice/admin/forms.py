"""What forms of staff share: the reason, keys of chosen rows, a parcel."""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from orders.models import Carrier
from orders.parcels import Units, name_of
from shop.forms.fields import NumberField, PatternField, TextField

LONGEST_REASON = 300
# What the names of fields for quantities begin with.
UNITS = "units_"
_KEY = re.compile(r"[0-9]{1,18}")


def read_keys(sent: Iterable[str]) -> list[int]:
    """Return the keys of rows among sent values, without what cannot be a key."""
    return [int(value) for value in sent if _KEY.fullmatch(value)]


class ReasonField(TextField):
    """A required reason. ``missing`` is the error message when it is empty."""

    def __init__(self, *, missing: Any = None, **texts: Any) -> None:
        usual: dict[str, Any] = {
            "label": _("Reason"),
            "max_length": LONGEST_REASON,
            "help_text": _("Kept with the order's history, with your name."),
            "widget": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            "error_messages": {"required": missing or _("Write why.")},
        }
        super().__init__(**(usual | texts))


class CarrierForm(forms.Form):
    """Who carries a parcel, and under which number."""

    carrier = forms.ChoiceField(label=_("Carrier"), choices=Carrier)
    tracking_number = PatternField(
        r"^[0-9A-Za-z-]*$",
        label=_("Tracking number"),
        max_length=40,
        required=False,
        help_text=_("Letters, digits and hyphens. The customer gets it by mail."),
        error_messages={"invalid": _("Only letters, digits and hyphens.")},
    )


class ShipForm(CarrierForm):
    """The label of a parcel and, of what is still to be sent, how many are in it.

    ``uid`` makes a form that is sent twice one parcel. A quantity that is not sent is
    all that is due of its goods. What is picked up has no label.
    """

    uid = forms.UUIDField(
        required=False, initial=uuid.uuid4, widget=forms.HiddenInput()
    )

    def __init__(
        self, data: Any, due: Sequence[Units], *, is_pickup: bool = False
    ) -> None:
        super().__init__(data)
        if is_pickup:
            # The customer takes it: nobody carries it.
            del self.fields["carrier"], self.fields["tracking_number"]
        self._due = {field_of(units): units for units in due}
        for name, units in self._due.items():
            self.fields[name] = NumberField(
                label=f"{units.goods.sku} {name_of(units.goods)}",
                min_value=0,
                max_value=units.quantity,
                required=False,
                initial=units.quantity,
            )

    def clean(self) -> dict[str, Any]:
        """Refuse goods that were due when the form was shown, and are not any more."""
        sent = {name for name in self.data if name.startswith(UNITS)}
        if sent - set(self._due):
            raise ValidationError(
                _("What is left to send has changed meanwhile. Look at it once more.")
            )
        return super().clean() or self.cleaned_data

    def items(self) -> list[Units] | None:
        """Return the units in the parcel; None if it is everything that is due."""
        wanted = {
            name: units.quantity if sent is None else sent
            for name, units in self._due.items()
            for sent in [self.cleaned_data.get(name)]
        }
        if all(wanted[name] == units.quantity for name, units in self._due.items()):
            return None
        return [
            replace(units, quantity=wanted[name]) for name, units in self._due.items()
        ]


def field_of(units: Units) -> str:
    """Return the name of the field that says how many of them are in the parcel."""
    substitute = units.substitute.pk if units.substitute else 0
    return f"{UNITS}{units.line.pk}_{substitute}"
