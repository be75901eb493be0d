"""Forms about missing goods: what is missing, and what is decided."""

import uuid
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.forms import ReasonField
from checkout.aftersales.shortages.services import missing
from checkout.aftersales.shortages.substitutes import Candidate, candidates, chosen
from inventory.models import StockItem
from orders.models import Order, Shortage, ShortageLine
from orders.parcels import Instead, Units, by_sku, due
from orders.transitions.shortages import Decision, Report
from shop.formatting import price
from shop.forms.fields import FoldedField, NumberField


class MissingForm(forms.Form):
    """How many units of each line are missing.

    ``uid`` names the report, so that a form sent twice makes one.
    """

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
    note = ReasonField(
        label=_("What you found"),
        help_text=_("Kept with the order's history and the ledger, with your name."),
        missing=_("Write what you found."),
    )

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parcel = {_missing_name(units): units for units in due(order)}
        skus = by_sku(self.parcel.values())
        stock = {item.sku: item for item in StockItem.objects.filter(sku__in=skus)}
        for name, units in self.parcel.items():
            self.fields[name] = NumberField(
                label=_missing_label(units),
                min_value=0,
                max_value=units.quantity,
                required=False,
                help_text=_in_the_books(stock.get(units.goods.sku)),
            )
        self.order_fields(["uid", *self.parcel])

    def clean_expected_on(self) -> date | None:
        return _not_past(self.cleaned_data["expected_on"])

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.items():
            raise ValidationError(gettext("Enter which items are missing."))
        return values

    def items(self) -> list[Units]:
        values = self.cleaned_data
        return [
            replace(units, quantity=gone)
            for name, units in self.parcel.items()
            if (gone := values.get(name) or 0)
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
    """``seen`` is the shortage's number of moves when the page was opened."""

    seen = NumberField(widget=forms.HiddenInput)

    def __init__(self, shortage: Shortage, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shortage = shortage


class InsteadForm(SeenForm):
    """The substitute for each missing row, as a SKU that is typed or chosen."""

    is_optional = False

    def __init__(self, shortage: Shortage, *args: Any, **kwargs: Any) -> None:
        super().__init__(shortage, *args, **kwargs)
        self.rows = {f"instead_{row.pk}": row for row in missing(shortage)}
        self.candidates = {name: candidates(row) for name, row in self.rows.items()}
        for name, row in self.rows.items():
            self.fields[name] = _article_field(
                name, row, len(self.candidates[name]), is_optional=self.is_optional
            )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        typed = [name for name in self.rows if values.get(name)]
        for name in self.rows:
            sku = str(values.get(name) or "").upper()
            if sku and sku not in self.candidates[name]:
                message = gettext("Choose one of the articles in the list.")
                self.add_error(name, message)
            elif typed and not sku and name not in self.errors:
                self.add_error(name, gettext("Offer one for each, or none."))
            values[name] = sku
        return values

    def instead(self) -> list[Instead]:
        values = self.cleaned_data
        return chosen(
            {
                row: self.candidates[name][values[name]].variant
                for name, row in self.rows.items()
                if values[name]
            }
        )

    @property
    def lists(self) -> dict[str, list[tuple[str, str]]]:
        """Return field's list -> (SKU, text) of each article that can be chosen."""
        return {
            _list_of(name): [(sku, _text(each)) for sku, each in found.items()]
            for name, found in self.candidates.items()
        }


class AskForm(InsteadForm):
    """What the customer is asked: the day of new goods, and offered substitutes."""

    is_optional = True

    until = forms.DateField(
        label=_("New goods are expected by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Left empty, the customer is not offered to wait."),
    )

    def clean_until(self) -> date | None:
        return _not_past(self.cleaned_data["until"])


class DecisionForm(SeenForm):
    """The reason for a decision."""

    reason = ReasonField()

    def decision(self, choice: Shortage.Choice, actor: str) -> Decision:
        values = self.cleaned_data
        return Decision(
            choice=choice,
            seen=values["seen"],
            actor=actor,
            reason=values["reason"],
            until=values.get("until"),
        )


class SubstituteForm(DecisionForm, InsteadForm):
    """The substitutes that are sent, and the reason."""

    def __init__(self, shortage: Shortage, *args: Any, **kwargs: Any) -> None:
        super().__init__(shortage, *args, **kwargs)
        self.order_fields(["seen", *self.rows, "reason"])

    def decision(self, choice: Shortage.Choice, actor: str) -> Decision:
        return replace(super().decision(choice, actor), instead=self.instead())


class WaitForm(DecisionForm):
    """The day until which the customer waits, and the reason."""

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


def _missing_name(units: Units) -> str:
    return f"missing_{units.line.pk}" + (
        f"_{units.substitute.pk}" if units.substitute else ""
    )


def _missing_label(units: Units) -> str:
    goods = units.goods
    values = {"sku": goods.sku, "name": goods.name, "count": units.quantity}
    if not units.substitute:
        return gettext("%(sku)s, %(name)s: missing of %(count)d") % values
    text = gettext("%(sku)s, %(name)s, sent in place of %(old)s: missing of %(count)d")
    return text % (values | {"old": units.line.sku})


def _article_field(
    name: str, row: ShortageLine, count: int, *, is_optional: bool
) -> FoldedField:
    goods = {"goods": f"{row.quantity} x {row.goods.sku}"}
    label = (
        gettext("Offer in place of %(goods)s")
        if is_optional
        else (gettext("Send in place of %(goods)s"))
    )
    help_text = ngettext(
        "The SKU of an article on sale that is free: there is %(count)d. Type a part "
        "of its name.",
        "The SKU of an article on sale that is free: there are %(count)d. Type a part "
        "of its name.",
        count,
    )
    attrs = {"list": _list_of(name), "autocomplete": "off", "class": "vTextField"}
    return FoldedField(
        label=label % goods,
        max_length=64,
        required=not is_optional,
        help_text=help_text % {"count": count},
        widget=forms.TextInput(attrs=attrs),
    )


def _list_of(name: str) -> str:
    return f"{name}_articles"


def _text(candidate: Candidate) -> str:
    text = gettext("%(name)s, %(price)s, %(free)d free")
    variant = candidate.variant
    values = {"name": variant.name, "price": price(candidate.unit)}
    return text % (values | {"free": candidate.free})


def _in_the_books(item: StockItem | None) -> str:
    if item is None:
        return ""
    text = gettext("In the books: %(free)d free, %(held)d promised to other orders.")
    return text % {"free": item.free, "held": item.held}
