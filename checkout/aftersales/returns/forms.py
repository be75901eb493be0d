"""Forms about goods that come back: which units, and why."""

import uuid
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from orders.models import Order, Return
from orders.parcels import Units, name_of, returnable
from orders.transitions.returns import Wish
from shop.catalogue.pictures import encode
from shop.forms.fields import NumberField, TextField

CONTENT_TYPES = ("image/jpeg", "image/png", "image/webp")


class UnitsForm(forms.Form):
    """How many units of each line come back, and why.

    ``uid`` names the return, so that a form sent twice makes one.
    """

    uid = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Please choose")), *Return.Reason.choices]
    )

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        self.parts = {field_of(units): units for units in returnable(order)}
        for name, units in self.parts.items():
            self.fields[name] = NumberField(
                label=name_of(units.goods),
                help_text=_how_many(units.quantity),
                min_value=0,
                max_value=units.quantity,
                required=False,
            )
        self.order_fields(["uid", *self.parts])

    @property
    def units(self) -> list[forms.BoundField]:
        """Return the fields of the lines."""
        return [self[name] for name in self.parts]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.items():
            raise ValidationError(gettext("Say which items come back."))
        return values

    def made(self) -> Return | None:
        """Return the return that this form made when it was sent before."""
        try:
            uid = self.fields["uid"].clean(self.data.get("uid"))
        except ValidationError:
            return None
        return Return.objects.filter(order=self.order, uid=uid).first()

    def items(self) -> list[Units]:
        """Return the chosen units."""
        values = self.cleaned_data
        return [
            replace(units, quantity=count)
            for name, units in self.parts.items()
            if (count := values.get(name) or 0)
        ]

    def wish(self) -> Wish:
        values = self.cleaned_data
        return Wish(
            uid=values["uid"],
            items=self.items(),
            reason=values["reason"],
            comment=values.get("comment", ""),
        )


class ReturnForm(UnitsForm):
    """What a customer wants to return."""

    comment = TextField(
        label=_("Tell us more"),
        help_text=_("Such as what is broken. It helps us to decide."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG, PNG or WebP, up to 10 MB. Only our staff see it."),
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join(CONTENT_TYPES)}),
    )

    def clean_photo(self) -> bytes:
        """Return the photo as the shop encodes it; b"" without one.

        The field is the last: a form that is wrong anyway, or names no items, costs no
        decoding.
        """
        upload = self.cleaned_data["photo"]
        is_right = not self.errors and bool(self.items())
        return encode(upload) if upload and is_right else b""

    def wish(self) -> Wish:
        return replace(super().wish(), photo=self.cleaned_data["photo"])


def field_of(units: Units) -> str:
    """Return the name of the field of these units."""
    name = f"units_{units.line.pk}"
    return f"{name}_{units.substitute.pk}" if units.substitute else name


def _how_many(count: int) -> str:
    text = ngettext("Quantity, of %(count)d", "Quantity, of %(count)d", count)
    return text % {"count": count}
