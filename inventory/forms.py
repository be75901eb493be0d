"""Forms for goods received and counts corrected."""

import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from shop.forms.fields import LineField, NumberField

_MOST_AT_ONCE = 1_000_000


class ReceiveForm(forms.Form):
    quantity = NumberField(
        label=_("Quantity received"), min_value=1, max_value=_MOST_AT_ONCE
    )
    reference = LineField(
        label=_("Delivery note"),
        max_length=64,
        help_text=_("Its number. The same delivery is counted once per SKU."),
    )
    note = LineField(label=_("Note"), max_length=200, required=False)


class NewGoodsForm(ReceiveForm):
    sku = LineField(label=_("SKU"), max_length=64)
    field_order = ["sku", "quantity", "reference", "note"]


class AnnounceForm(forms.Form):
    difference = NumberField(
        label=_("Units"),
        min_value=-_MOST_AT_ONCE,
        max_value=_MOST_AT_ONCE,
        help_text=_(
            "How many more (30) or fewer (-30) can be ordered before they come. When "
            "they come, receive them as usual: they take the places of these."
        ),
    )
    note = LineField(label=_("Note"), max_length=200, required=False)
    # Made with the form, so that a form sent twice is booked once.
    token = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)

    def clean_difference(self) -> int:
        return _not_zero(self.cleaned_data["difference"])


class AdjustForm(forms.Form):
    difference = NumberField(
        label=_("Difference"),
        min_value=-_MOST_AT_ONCE,
        max_value=_MOST_AT_ONCE,
        help_text=_(
            "How many units more (3) or fewer (-3) there are than counted here."
        ),
    )
    note = LineField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Kept in the ledger: counted again, broken, found…"),
    )
    # Made with the form, so that a form sent twice is booked once.
    token = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)

    def clean_difference(self) -> int:
        return _not_zero(self.cleaned_data["difference"])


class AnnounceNewForm(AnnounceForm):
    sku = LineField(label=_("SKU"), max_length=64)
    field_order = ["sku", "difference", "note"]


def _not_zero(difference: int) -> int:
    if difference == 0:
        raise ValidationError(_("A difference of 0 changes nothing."))
    return difference
