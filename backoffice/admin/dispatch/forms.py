"""The form to mark an order as shipped."""

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import Carrier


class ShipForm(forms.Form):
    carrier = forms.ChoiceField(label=_("Carrier"), choices=Carrier)
    tracking_number = forms.RegexField(
        r"^[0-9A-Za-z-]*$",
        label=_("Tracking number"),
        max_length=40,
        required=False,
        help_text=_("Letters, digits and hyphens. The customer gets it by mail."),
        error_messages={"invalid": _("Only letters, digits and hyphens.")},
    )
