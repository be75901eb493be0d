"""The form for a coupon code."""

from django import forms
from django.utils.translation import gettext_lazy as _

from checkout.promotions.codes import LONGEST_CODE
from shop.forms.fields import FoldedField


class CouponForm(forms.Form):
    code = FoldedField(
        label=_("Coupon code"),
        max_length=LONGEST_CODE,
        widget=forms.TextInput(
            {
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
        error_messages={
            "required": _("Enter the coupon code."),
            "max_length": _(
                "We don't know this code. Check the spelling and try again."
            ),
        },
    )
