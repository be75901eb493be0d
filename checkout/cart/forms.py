"""Forms of the cart and of information entry. They accept full width and hyphens.

Japanese input methods produce full-width digits and letters and a dozen characters
that look like a hyphen. All of them are accepted and kept in one spelling.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from checkout.cart.models import MOST_PER_LINE, Delivery, TemporaryOrder
from checkout.cart.prefectures import Prefecture
from checkout.cart.text import fold, fold_street, normalise_phone, normalise_postcode


class FoldedField(forms.CharField):
    def to_python(self, value: object) -> str:
        return super().to_python(fold(str(value or ""))) or ""


class StreetField(forms.CharField):
    def to_python(self, value: object) -> str:
        return super().to_python(fold_street(str(value or ""))) or ""


class FoldedEmailField(forms.EmailField):
    def to_python(self, value: object) -> str:
        return super().to_python(fold(str(value or "")).replace(" ", "")) or ""


class CodeField(forms.CharField):
    """A number written as text, kept in one spelling by ``normalise``."""

    def __init__(self, *, normalise: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.normalise = normalise

    def clean(self, value: object) -> str:
        text = super().clean(value)
        return str(self.normalise(text)) if text else ""


def _autofill(token: str, **more: str) -> dict[str, str]:
    return {"autocomplete": token, **more}


if TYPE_CHECKING:
    TemporaryOrderForm = forms.ModelForm[TemporaryOrder]
else:
    TemporaryOrderForm = forms.ModelForm


class InformationForm(TemporaryOrderForm):
    """Contact, address in Japanese order, and how to hand the parcel over."""

    email = FoldedEmailField(
        label=_("Email address"),
        help_text=_("The order confirmation goes there."),
        widget=forms.EmailInput(_autofill("email", inputmode="email")),
        error_messages={
            "required": _("Enter your email address."),
            "invalid": _("Enter an email address such as name@example.jp."),
        },
    )
    name = FoldedField(
        label=_("Full name"),
        max_length=100,
        widget=forms.TextInput(_autofill("name")),
        error_messages={"required": _("Enter the name of the recipient.")},
    )
    phone = CodeField(
        label=_("Phone number"),
        help_text=_("Only for questions about the delivery."),
        max_length=40,
        normalise=normalise_phone,
        widget=forms.TextInput(_autofill("tel", inputmode="tel", type="tel")),
        error_messages={"required": _("Enter a phone number for the delivery.")},
    )
    postcode = CodeField(
        label=_("Postcode"),
        help_text=_("7 digits, with or without a hyphen."),
        max_length=20,
        normalise=normalise_postcode,
        widget=forms.TextInput(_autofill("postal-code", inputmode="numeric")),
        error_messages={"required": _("Enter the postcode.")},
    )
    prefecture = forms.ChoiceField(
        label=_("Prefecture"),
        choices=[("", _("Choose a prefecture")), *Prefecture.choices],
        widget=forms.Select(_autofill("address-level1")),
        error_messages={"required": _("Choose the prefecture.")},
    )
    city = FoldedField(
        label=_("City or ward"),
        max_length=100,
        widget=forms.TextInput(_autofill("address-level2")),
        error_messages={"required": _("Enter the city or ward.")},
    )
    street = StreetField(
        label=_("District, block and number"),
        help_text=_("For example Nishi-Azabu 1-2-3."),
        max_length=150,
        widget=forms.TextInput(_autofill("address-line1")),
        error_messages={"required": _("Enter the district, block and number.")},
    )
    building = StreetField(
        label=_("Building and room"),
        max_length=150,
        required=False,
        widget=forms.TextInput(_autofill("address-line2")),
    )
    delivery = forms.ChoiceField(
        label=_("Delivery"),
        choices=Delivery.choices,
        initial=Delivery.DOOR,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how to hand the parcel over.")},
    )

    class Meta:
        model = TemporaryOrder
        fields = [
            "email",
            "name",
            "phone",
            "postcode",
            "prefecture",
            "city",
            "street",
            "building",
            "delivery",
        ]


class AddForm(forms.Form):
    """The form of a product's page: a variant and a quantity."""

    sku = forms.CharField(max_length=64)
    quantity = forms.IntegerField(min_value=1, max_value=MOST_PER_LINE)


class QuantityForm(forms.Form):
    quantity = forms.IntegerField(min_value=0, max_value=MOST_PER_LINE)
