"""The part of information entry that asks for the address, in Japan or elsewhere."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from checkout.cart.address_fields import parts_of
from checkout.cart.form_fields import (
    ASKS_FIELDS,
    ASKS_METHODS,
    FILLS_IN,
    CodeField,
    StreetField,
    autofill,
)
from checkout.cart.text import normalise_postcode
from checkout.shipping.countries import delivery_countries, usual_country
from checkout.shipping.prefectures import Prefecture
from shop.countries import JAPAN, LONGEST_REGION
from shop.forms.fields import FoldedField


class AddressPart(forms.Form):
    """The fields of an address in Japan, and the choice of another country.

    ``destination`` is the country of the form, which ``address_fields.shape`` gives the
    fields of that country.
    """

    destination: str

    country = forms.ChoiceField(
        label=_("Country or region"),
        required=False,
        widget=forms.Select(autofill("country", **ASKS_FIELDS)),
    )
    postcode = CodeField(
        label=_("Postcode"),
        help_text=_("7 digits, with or without a hyphen."),
        max_length=20,
        normalise=normalise_postcode,
        widget=forms.TextInput(
            autofill("postal-code", inputmode="numeric", **FILLS_IN)
        ),
        error_messages={"required": _("Enter the postcode.")},
    )
    prefecture = forms.ChoiceField(
        label=_("Prefecture"),
        choices=[("", _("Choose a prefecture")), *Prefecture.choices],
        widget=forms.Select(autofill("address-level1", **ASKS_METHODS)),
        error_messages={"required": _("Choose the prefecture.")},
    )
    # Only abroad, where its label and choices are those of the country.
    region = FoldedField(max_length=LONGEST_REGION, required=False)
    city = FoldedField(
        label=_("City or ward"),
        max_length=100,
        widget=forms.TextInput(autofill("address-level2")),
        error_messages={"required": _("Enter the city or ward.")},
    )
    street = StreetField(
        label=_("District, block and number"),
        help_text=_("For example Nishi-Azabu 1-2-3."),
        max_length=150,
        widget=forms.TextInput(autofill("address-line1")),
        error_messages={"required": _("Enter the district, block and number.")},
    )
    building = StreetField(
        label=_("Building and room"),
        max_length=150,
        required=False,
        widget=forms.TextInput(autofill("address-line2")),
    )

    def _choose_country(self) -> str:
        """Return the country that was typed or kept, if the shop delivers there."""
        country: Any = self.fields["country"]
        country.choices = delivery_countries()
        typed = self.data if self.is_bound else self.initial
        code = str(typed.get("country"))
        self.initial["country"] = (
            code if code in dict(country.choices) else usual_country()
        )
        return str(self.initial["country"])

    @property
    def has_countries(self) -> bool:
        """Return whether the customer can choose among countries."""
        country: Any = self.fields.get("country")
        return bool(country and country.choices)

    @property
    def is_abroad(self) -> bool:
        return self.destination != JAPAN

    @property
    def address_fields(self) -> list[Any]:
        """Return the address's fields in the order of its country."""
        return [
            self[name] for name in parts_of(self.destination) if name in self.fields
        ]
