"""The forms of the packing desk."""

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import Carrier
from shop.forms.fields import FoldedField


class ScanForm(forms.Form):
    """One input for the scanner, the carrier of the labels, and the order at hand."""

    code = FoldedField(
        label=_("Order number or tracking number"),
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "autofocus": True,
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Scan a number, or type it.")},
    )
    carrier = forms.ChoiceField(label=_("Carrier"), choices=Carrier)
    current = FoldedField(required=False, max_length=20, widget=forms.HiddenInput())


class TrackingFileForm(forms.Form):
    """The file with the tracking numbers, and the carrier of lines that name none."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_(
            "With a line of column names: an order number and a tracking number. The "
            "files that B2 Cloud and e-Hiden export fit as they are."
        ),
    )
    carrier = forms.ChoiceField(label=_("Carrier"), choices=Carrier)
