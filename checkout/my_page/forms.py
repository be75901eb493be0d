"""Forms of my page: an address, the deletion, and the look-up of an order."""

from copy import deepcopy
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from checkout.cart.forms import InformationForm
from shop.customers.addresses import FIELDS
from shop.customers.forms import CustomerEmailField
from shop.form_fields import FoldedField


class AddressForm(forms.Form):
    """An address of the address book, asked for as the checkout asks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
