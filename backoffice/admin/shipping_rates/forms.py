"""The tables of a shipping method: its prices."""

from collections import Counter
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from checkout.shipping.models import ShippingMethod
from shop.forms.fields import MoneyField
from shop.forms.inline_rows import LabelledRows


class RateRows(LabelledRows):
    """Prices of which each has a place of its own, and at least one is there."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Ask for an amount as limit where the method's limits are amounts."""
        limit = form.fields.get("up_to")
        if limit and self.instance.basis == ShippingMethod.Basis.AMOUNT:
            form.fields["up_to"] = MoneyField(
                label=limit.label,
                help_text=limit.help_text,
                required=False,
                min_value=1,
            )
        super().add_fields(form, index)

    def clean(self) -> None:
        super().clean()
        kept = [
            row.cleaned_data
            for row in self.forms
            if getattr(row, "cleaned_data", None) and not row.cleaned_data.get("DELETE")
        ]
        if not kept and not any(row.errors for row in self.forms):
            message = _("Enter at least one price: without it nobody can be served.")
            raise ValidationError(message, code="no_price")
        places = Counter((row.get("zone"), row.get("up_to")) for row in kept)
        if any(count > 1 for count in places.values()):
            message = _("Two prices have the same zone and limit. Remove one of them.")
            raise ValidationError(message, code="price_twice")
