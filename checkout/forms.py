"""What customers type, understood however they type it.

Japanese input methods produce full-width digits and letters and a dozen characters
that look like a hyphen. None of that is the customer's mistake.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from checkout.models import MOST_PER_LINE, Delivery, TemporaryOrder
from checkout.prefectures import Prefecture
from checkout.shortage_offers import Option

# Compatibility ideographs are spellings of people's names (神, 塚): folding them would
# misspell their owners, so only what lies between them is folded.
_FOLDABLE = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
MOBILE_DIGITS = 11  # mobile and internet phones; all others have ten
_DASHES = "[\u00ad\u02d7\u2010-\u2015\u2043\u207b\u2212\u2500\u2501\u30fc]"
_HYPHENS = re.compile(_DASHES)
_BETWEEN_DIGITS = re.compile(f"(?<=[0-9]){_DASHES}(?=[0-9])")


def fold(text: str) -> str:
    """Return ``text`` in its ordinary width, single spaces, nothing around it."""
    folded = _FOLDABLE.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
    return " ".join(folded.split())


def fold_number(text: str) -> str:
    """Fold a number or code; whatever looks like a hyphen becomes one."""
    return _HYPHENS.sub("-", fold(text))


def fold_street(text: str) -> str:
    """Fold an address; between digits (1ー2ー3) whatever looks like a hyphen is one."""
    return _BETWEEN_DIGITS.sub("-", fold(text))


def normalise_postcode(text: str) -> str:
    """Return a postcode as 123-4567. Raises ValidationError for anything else."""
    digits = re.sub(r"[-\s〒]", "", fold_number(text))
    if not re.fullmatch(r"[0-9]{7}", digits):
        message = _("Enter a postcode of 7 digits, such as 106-0031.")
        raise ValidationError(message, code="postcode")
    return f"{digits[:3]}-{digits[3:]}"


def normalise_phone(text: str) -> str:
    """Return a phone number as the parcel service dials it: 090-1234-5678.

    Raises ValidationError for what cannot be a number.
    """
    typed = re.sub(r"[().\s]", "-", fold_number(text)).strip("-")
    international = typed.startswith("+")
    digits = re.sub(r"[-+]", "", typed)
    if international and digits.startswith("81"):
        international = False
        digits = "0" + digits[2:].removeprefix("0")
    plausible = r"[1-9][0-9]{6,14}" if international else r"0[0-9]{9,10}"
    if not re.fullmatch(plausible, digits):
        message = _("Enter a phone number such as 090-1234-5678 or 03-1234-5678.")
        raise ValidationError(message, code="phone")
    if international:
        return f"+{digits}"
    return _grouped(digits)


def _grouped(digits: str) -> str:
    """Group a domestic number as it is printed; most area codes stay ungrouped."""
    if len(digits) == MOBILE_DIGITS:
        return f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"
    if digits.startswith(("03", "06")):
        return f"{digits[:2]}-{digits[2:6]}-{digits[6:]}"
    if digits.startswith("0120"):
        return f"{digits[:4]}-{digits[4:7]}-{digits[7:]}"
    return digits


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
    """What a product's page sends: which variant, and how many of it."""

    sku = forms.CharField(max_length=64)
    quantity = forms.IntegerField(min_value=1, max_value=MOST_PER_LINE)


class QuantityForm(forms.Form):
    quantity = forms.IntegerField(min_value=0, max_value=MOST_PER_LINE)


class PurchaseForm(forms.Form):
    """What the confirmation sends: which confirmation, what was seen, and the card."""

    checkout_key = forms.UUIDField()
    digest = forms.CharField(max_length=64)
    seen_total = forms.IntegerField(required=False)
    confirmation_token = forms.CharField(max_length=64, required=False)


class ShortageForm(forms.Form):
    """What a customer wants done about missing goods; ``seen`` is the page's."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    choice = forms.ChoiceField(
        label=_("What shall we do?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what we shall do."),
            "invalid_choice": _("This cannot be had any more: choose again."),
        },
    )
    remark = forms.CharField(
        label=_("Anything we should know"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, options: Sequence[Option], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options = options
        choice = cast("forms.ChoiceField", self.fields["choice"])
        choice.choices = [
            (
                each.choice,
                format_html(
                    "<span><strong>{}</strong><br>{}</span>", each.title, each.text
                ),
            )
            for each in options
        ]


class CardForm(forms.Form):
    confirmation_token = forms.CharField(max_length=64)
