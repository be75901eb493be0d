"""The forms about missing goods: what is missing, and what is decided of it."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.admin.reasons import reason_field
from inventory.models import StockItem
from orders.models import Order, Shortage
from orders.shortages import Decision, Missing, Report


class MissingForm(forms.Form):
    """How many units of each line are not there. ``uid``: two presses are one."""

    uid = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
    shelf_is_empty = forms.BooleanField(
        label=_("The shelf is empty"),
        required=False,
        initial=True,
        help_text=_(
            "Then the units that the books call free are taken off the count as "
            "well, so that nobody buys them."
        ),
    )
    expected_on = forms.DateField(
        label=_("New goods are expected by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Left empty where none are expected."),
    )
    note = reason_field(
        label=_("What you found"),
        help_text=_("Kept with the order's history and the ledger, with your name."),
        missing=_("Write what you found."),
    )

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(order.lines.all())
        skus = [line.sku for line in self.lines]
        stock = {item.sku: item for item in StockItem.objects.filter(sku__in=skus)}
        for line in self.lines:
            left = line.quantity - line.restocked
            values = {"sku": line.sku, "name": line.name, "count": left}
            label = gettext("%(sku)s, %(name)s: missing of %(count)d") % values
            self.fields[f"missing_{line.pk}"] = forms.IntegerField(
                label=label,
                min_value=0,
                max_value=left,
                required=False,
                disabled=not left,
                help_text=_in_the_books(stock.get(line.sku)),
            )
        first = [f"missing_{line.pk}" for line in self.lines]
        self.order_fields(["uid", *first])

    def clean_expected_on(self) -> date | None:
        return _not_past(self.cleaned_data["expected_on"])

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.items():
            raise ValidationError(gettext("Say which goods are missing."))
        return values

    def items(self) -> list[Missing]:
        values = self.cleaned_data
        return [
            Missing(line, units)
            for line in self.lines
            if (units := values.get(f"missing_{line.pk}") or 0)
        ]

    def report(self, actor: str) -> Report:
        values = self.cleaned_data
        return Report(
            uid=values["uid"],
            items=self.items(),
            expected_on=values["expected_on"],
            actor=actor,
            note=values["note"],
        )


class SeenForm(forms.Form):
    """``seen`` is how many moves there were when the page was opened."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class AskForm(SeenForm):
    """By when goods are expected, before the customer is asked."""

    until = forms.DateField(
        label=_("New goods are expected by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Left empty, the customer is not offered to wait."),
    )

    def clean_until(self) -> date | None:
        return _not_past(self.cleaned_data["until"])


class DecisionForm(SeenForm):
    """Why it is decided so."""

    reason = reason_field()

    def decision(self, choice: Shortage.Choice, actor: str) -> Decision:
        values = self.cleaned_data
        return Decision(
            choice=choice,
            seen=values["seen"],
            actor=actor,
            reason=values["reason"],
            until=values.get("until"),
        )


class WaitForm(DecisionForm):
    until = forms.DateField(
        label=_("The goods are expected by"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The customer is told this day."),
    )
    field_order = ("seen", "until", "reason")

    def clean_until(self) -> date | None:
        return _not_past(self.cleaned_data["until"])


def _not_past(day: date | None) -> date | None:
    if day and day < timezone.localdate():
        raise ValidationError(gettext("This day is over."))
    return day


def _in_the_books(item: StockItem | None) -> str:
    if item is None:
        return ""
    words = gettext("In the books: %(free)d free, %(held)d promised to other orders.")
    return words % {"free": item.free, "held": item.held}
