"""The part of information entry that most customers leave empty."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from checkout.cart.form_fields import CodeField, KanaField, StreetField, autofill
from checkout.cart.text import normalise_postcode
from checkout.shipping.prefectures import Prefecture
from orders.models import BILLING, Gift
from orders.models.wishes import LONGEST_GIFT_MESSAGE, LONGEST_NOTE
from shop.forms.fields import FoldedField, LineField, TextField

_MISSING = {
    "billing_name": _("Enter the name for the bill."),
    "billing_postcode": _("Enter the postcode."),
    "billing_prefecture": _("Choose the prefecture."),
    "billing_city": _("Enter the city or ward."),
    "billing_street": _("Enter the district, block and number."),
}
# What stands in the folded part of the page.
FOLDED = ("gift", "gift_message", "receipt_name", "has_billing", *BILLING, "note")


class WishesForm(forms.Form):
    """Furigana, gift, receipt, billing address and a note.

    Without the field ``has_billing`` there is a billing address if one was typed.
    """

    name_kana = KanaField(
        label=_("Name in katakana (furigana)"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Enter your name in katakana.")},
    )
    gift = forms.ChoiceField(label=_("Gift"), required=False, widget=forms.RadioSelect)
    gift_message = TextField(
        label=_("Message to the recipient"),
        max_length=LONGEST_GIFT_MESSAGE,
        required=False,
        help_text=_("Printed on the slip in the parcel."),
        widget=forms.Textarea({"rows": 3}),
    )
    receipt_name = LineField(
        label=_("Name on the receipt"),
        max_length=100,
        required=False,
        help_text=_("A person or a company, if it is not your name."),
        widget=forms.TextInput(autofill("billing organization")),
    )
    has_billing = forms.BooleanField(
        label=_("Another address on receipts and invoices"), required=False
    )
    billing_name = LineField(
        label=_("Name or company"),
        max_length=100,
        required=False,
        widget=forms.TextInput(autofill("billing name")),
    )
    billing_postcode = CodeField(
        label=_("Postcode"),
        max_length=20,
        required=False,
        normalise=normalise_postcode,
        widget=forms.TextInput(autofill("billing postal-code", inputmode="numeric")),
    )
    billing_prefecture = forms.ChoiceField(
        label=_("Prefecture"),
        choices=[("", _("Choose a prefecture")), *Prefecture.choices],
        required=False,
        widget=forms.Select(autofill("billing address-level1")),
    )
    billing_city = FoldedField(
        label=_("City or ward"),
        max_length=100,
        required=False,
        widget=forms.TextInput(autofill("billing address-level2")),
    )
    billing_street = StreetField(
        label=_("District, block and number"),
        max_length=150,
        required=False,
        widget=forms.TextInput(autofill("billing address-line1")),
    )
    billing_building = StreetField(
        label=_("Building and room"),
        max_length=150,
        required=False,
        widget=forms.TextInput(autofill("billing address-line2")),
    )
    note = TextField(
        label=_("Note to us"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("We read it before we ship. It is not printed for the recipient."),
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.FURIGANA == "off":
            del self.fields["name_kana"]
        else:
            self.fields["name_kana"].required = settings.FURIGANA == "required"
        gift: Any = self.fields["gift"]
        gift.choices = [("", _("Not a gift")), (Gift.PLAIN, Gift.PLAIN.label)]
        if settings.GIFT_WRAPPING or self.initial.get("gift") == Gift.WRAPPED:
            gift.choices += [(Gift.WRAPPED, Gift.WRAPPED.label)]
        self.initial.setdefault("has_billing", bool(self.initial.get("billing_name")))

    @property
    def has_wishes(self) -> bool:
        """Return whether the folded part has to be seen."""
        fields = [self[name] for name in FOLDED if name in self.fields]
        return any(field.errors or field.value() for field in fields)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("gift"):
            self._drop("gift_message")
        typed = any(cleaned.get(name) for name in BILLING)
        if cleaned.pop("has_billing", typed):
            self._require_billing(cleaned)
        else:
            self._drop(*BILLING)
        return cleaned

    def _require_billing(self, cleaned: dict[str, Any]) -> None:
        for name, missing in _MISSING.items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, forms.ValidationError(missing, code="required"))

    def _drop(self, *names: str) -> None:
        """Take these fields as not asked for."""
        for name in names:
            self.errors.pop(name, None)
            self.cleaned_data[name] = ""
