"""Forms to open a waiting room, to change its places and to close it."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from backoffice.admin.forms import ReasonField
from shop.catalogue.models import Product, Variant
from shop.forms.fields import FoldedField, NumberField

MOST_PLACES = 1_000_000


class ReasonForm(forms.Form):
    reason = ReasonField(help_text=_("For your colleagues; kept with your name."))


class PlacesForm(forms.Form):
    places = NumberField(
        label=_("Places in the checkout"),
        min_value=1,
        max_value=MOST_PLACES,
        help_text=_("How many customers may be in the checkout at the same time."),
        error_messages={"required": _("Say how many may be in the checkout.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["places"].initial = settings.WAITING_ROOM_PLACES


class OpenForm(PlacesForm, ReasonForm):
    """For which product, how many places, and why."""

    sku = FoldedField(
        label=_("SKU"),
        max_length=40,
        help_text=_("Of any size or colour: the room is for the whole product."),
        error_messages={"required": _("Enter an SKU of the product.")},
    )
    field_order = ["sku", "places", "reason"]

    def clean_sku(self) -> Product:
        """Return the product that has a variant of this SKU."""
        rows = Variant.objects.select_related("product")
        found = rows.filter(sku=self.cleaned_data["sku"]).first()
        if found is None:
            raise ValidationError(_("There is no product with this SKU."))
        return found.product
