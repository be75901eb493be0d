"""The form of a refund: an amount, or units of the order's lines."""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.admin.forms import ReasonField
from backoffice.previews.refund import add_prices
from checkout.aftersales.returns import refunds as returns
from checkout.aftersales.shortages import services as shortages
from inventory.selectors import shipped_out
from orders.models import Order, OrderLine, Return, Shortage
from orders.transitions.refunds import Item, RefundRequest
from shop.formatting import price
from shop.forms.fields import MoneyField, NumberField
from shop.money import Money, NotAnAmount, parse


@dataclass(frozen=True)
class Row:
    """One line of the order in the form. ``left``: units not refunded yet."""

    line: OrderLine
    left: int
    units: BoundField
    restock: BoundField


class RefundForm(forms.Form):
    """An amount, or units of the order's lines whose prices make one.

    ``uid`` names the refund, so that a form sent twice makes one. ``seen`` is the
    refunded amount when the form was opened, in minor units. ``returned`` is the key of
    the return that is refunded: it has dealt with the goods, so none are restocked.
    """

    uid = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
    seen = NumberField(widget=forms.HiddenInput)
    returned = forms.ModelChoiceField(
        Return.objects.none(), required=False, widget=forms.HiddenInput
    )
    amount = MoneyField(
        label=pgettext_lazy("refund", "Amount"),
        required=False,
        min_value=1,
        help_text=_("Left empty: the price of the goods chosen above."),
    )
    reason = ReasonField()

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        self.payment = order.payment
        cast("MoneyField", self.fields["amount"]).currency = order.payment.currency
        self.fields["seen"].initial = order.payment.refunded_minor
        choice = cast("forms.ModelChoiceField[Return]", self.fields["returned"])
        choice.queryset = Return.objects.filter(order=order)
        is_return = bool(self["returned"].value())
        gone = shipped_out(order.number)
        self.lines = list(order.lines.all())
        for line in self.lines:
            left = line.quantity - line.refunded
            self.fields[f"units_{line.pk}"] = NumberField(
                min_value=0, max_value=left, required=False, disabled=not left
            )
            stays = is_return or not gone.get(line.sku) or line.restockable < 1
            self.fields[f"restock_{line.pk}"] = forms.BooleanField(
                required=False, disabled=stays
            )

    @property
    def rows(self) -> list[Row]:
        return [
            Row(
                line,
                line.quantity - line.refunded,
                self[f"units_{line.pk}"],
                self[f"restock_{line.pk}"],
            )
            for line in self.lines
        ]

    def clean(self) -> dict[str, Any]:
        """Choose the amount; it must be more than zero and at most what is left."""
        values: dict[str, Any] = super().clean() or {}
        if self.errors:
            return values
        amount = self._typed() or add_prices(self.items(), self.payment.currency)
        if amount.minor < 1:
            message = gettext("Choose goods, or type an amount of more than zero.")
            self.add_error("amount", message)
        elif self.payment.refundable < amount:
            message = gettext("No more than %(left)s can be refunded.")
            left = {"left": price(self.payment.refundable)}
            self.add_error("amount", message % left)
        values["amount"] = amount
        return values

    def _typed(self) -> Money | None:
        minor = self.cleaned_data["amount"]
        return None if minor is None else Money(minor, self.payment.currency)

    def items(self) -> list[Item]:
        """Return the chosen goods."""
        values = self.cleaned_data
        return [
            Item(line, units, bool(values.get(f"restock_{line.pk}")))
            for line in self.lines
            if (units := values.get(f"units_{line.pk}") or 0)
        ]

    def wish(self, actor: str) -> RefundRequest:
        values = self.cleaned_data
        return RefundRequest(
            uid=values["uid"],
            amount_minor=values["amount"].minor,
            seen_minor=values["seen"],
            items=self.items(),
            actor=actor,
            reason=values["reason"],
        )


def fill_in_everything(order: Order) -> dict[str, str]:
    """Return form values for all units and all money that are left."""
    left = {
        f"units_{line.pk}": str(line.quantity - line.refunded)
        for line in order.lines.all()
    }
    return {**left, "amount": order.payment.refundable.number}


def fill_in_promised(order: Order) -> dict[str, str]:
    """Return form values for the refund promised for a shortage; empty if none."""
    shortage = shortages.owed_for(order)
    if shortage is None:
        return {}
    owed = min(shortage.owed, order.payment.refundable, key=lambda each: each.minor)
    values = {"amount": owed.number, "reason": shortage.reason}
    if owed != shortage.refund:
        return values
    if shortage.choice == Shortage.Choice.CANCEL:
        return {**fill_in_everything(order), **values}
    if shortage.choice == Shortage.Choice.SUBSTITUTE:
        # A difference in price does not refund any unit.
        return values
    units: Counter[str] = Counter()
    for row in shortage.lines.all():
        units[f"units_{row.line_id}"] += row.quantity
    return {**{name: str(count) for name, count in units.items()}, **values}


def fill_in_return(returned: Return) -> dict[str, Any]:
    """Return form values for the units of a return that the shop keeps."""
    offered = returns.offer(returned)
    units = {f"units_{line}": str(count) for line, count in offered.units.items()}
    return {
        **units,
        "amount": offered.amount.number,
        "reason": returned.get_reason_display(),
        "returned": returned.pk,
    }


def is_confirmed(form: RefundForm, sent: Mapping[str, str]) -> bool:
    """Return whether the amount was typed again, equal to the previewed one."""
    try:
        typed = parse(sent.get("typed", ""), form.payment.currency)
    except NotAnAmount:
        return False
    return bool(typed == form.cleaned_data["amount"])
