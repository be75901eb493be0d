"""Forms of my page: an address, the deletion, and the look-up of an order."""

from copy import deepcopy
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from checkout.cart.address_fields import check_postcode, shape
from checkout.cart.forms import InformationForm
from checkout.shipping.countries import delivery_countries, usual_country
from shop.customers.addresses import FIELDS
from shop.customers.forms import CustomerEmailField
from shop.forms.fields import FoldedField


class AddressForm(forms.Form):
    """An address of the address book, asked for as the checkout asks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._copy_fields()
        self.destination = self._choose_country()
        shape(self.fields, self.destination)

    def clean(self) -> dict[str, Any]:
        """Check the postcode; empty what the country has not."""
        check_postcode(self, self.destination)
        for name in set(FIELDS).difference(self.fields):
            self.cleaned_data[name] = ""
        return self.cleaned_data | {"country": self.destination}

    def _choose_country(self) -> str:
        """Return the country that was typed or kept, if the shop delivers there."""
        choices = delivery_countries()
        typed = (self.data if self.is_bound else self.initial).get("country")
        country = str(typed) if typed in dict(choices) else usual_country()
        self.initial["country"] = country
        if choices:
            field: Any = self.fields["country"]
            field.choices = choices
        else:
            del self.fields["country"]
        return country

    def _copy_fields(self) -> None:
        for name in FIELDS:
            field = deepcopy(InformationForm.base_fields[name])
            attrs = field.widget.attrs
            # What fetches shipping methods has no place here.
            for attr in [each for each in attrs if each.startswith("hx-")]:
                del attrs[attr]
            self.fields[name] = field


class DeleteForm(forms.Form):
    understood = forms.BooleanField(
        label=_("Yes, delete my account"),
        error_messages={"required": _("Tick the box if you want to delete it.")},
    )


class LookUpForm(forms.Form):
    number = FoldedField(
        label=_("Order number"),
        help_text=_("It is in our emails, for example 261121-7K3QX9."),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Enter the order number.")},
    )
    email = CustomerEmailField(help_text=_("The one you gave with the order."))

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        return number.upper()
