"""Forms of staff about returns: what comes back, what arrived, what was decided."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.admin.forms import ReasonField, ShipForm
from checkout.aftersales.returns.forms import UnitsForm
from orders.models import Return, ReturnLine
from orders.parcels import due_again, name_of
from orders.transitions.returns import Decision, Outcome
from shop.forms.fields import NumberField, TextField

# What becomes of units that arrived: name of the column -> what staff read.
OUTCOMES: dict[str, str | Promise] = {
    "restocked": pgettext_lazy("return", "Back into stock"),
    "scrapped": pgettext_lazy("return", "Scrap"),
    "sent_back": pgettext_lazy("return", "Send back"),
}


def _words(*, required: bool) -> TextField:
    return TextField(
        label=_("Words to the customer"),
        max_length=500,
        required=required,
        help_text=_("The customer reads them in a mail and on the order's page."),
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": _("Write what the customer should know.")},
    )


class RegisterForm(UnitsForm):
    """A return that staff allow at once."""

    note = ReasonField(label=_("What the customer said"))
    answer = _words(required=False)

    def decision(self, actor: str) -> Decision:
        values = self.cleaned_data
        return Decision(actor, values["note"], values["answer"])


class ApproveForm(forms.Form):
    answer = _words(required=False)

    @property
    def words(self) -> str:
        """Return what the customer reads."""
        return str(self.cleaned_data["answer"])

    def decision(self, actor: str) -> Decision:
        return Decision(actor, answer=self.words)


class AnswerForm(ApproveForm):
    """Words that the customer must have: why it was refused, or how it ended."""

    answer = _words(required=True)


class ArrivalForm(forms.Form):
    """How many units of each line had which outcome; the others did not arrive."""

    def __init__(self, returned: Return, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(returned.lines.select_related("line", "substitute"))
        for row in self.lines:
            for name, title in OUTCOMES.items():
                spoken = {"aria-label": f"{row.goods.sku}: {title}"}
                self.fields[_field(row, name)] = NumberField(
                    min_value=0,
                    max_value=row.quantity,
                    required=False,
                    initial=row.quantity if name == "restocked" else 0,
                    widget=forms.NumberInput(attrs=spoken),
                )

    titles = tuple(OUTCOMES.values())

    @property
    def rows(self) -> list[tuple[ReturnLine, list[tuple[Any, forms.BoundField]]]]:
        """Return each line with its fields and their titles."""
        return [
            (
                row,
                [(title, self[_field(row, name)]) for name, title in OUTCOMES.items()],
            )
            for row in self.lines
        ]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for row in self.lines if not self.errors else []:
            if sum(self._counts(row).values()) > row.quantity:
                text = gettext("%(sku)s: no more than %(count)d were to come back.")
                facts = {"sku": row.goods.sku, "count": row.quantity}
                raise ValidationError(text % facts)
        if not self.errors and not any(
            sum(self._counts(row).values()) for row in self.lines
        ):
            raise ValidationError(gettext("Say what was in the parcel."))
        return values

    def outcomes(self) -> list[Outcome]:
        return [Outcome(row, **self._counts(row)) for row in self.lines]

    def _counts(self, row: ReturnLine) -> dict[str, int]:
        values = self.cleaned_data
        return {name: values.get(_field(row, name)) or 0 for name in OUTCOMES}


class ExchangeForm(forms.Form):
    """How many units of each line that the shop kept are sent again."""

    def __init__(self, returned: Return, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = returned.lines.select_related("line", "substitute")
        self.lines = [row for row in rows if row.kept]
        for row in self.lines:
            self.fields[_field(row, "again")] = NumberField(
                label=f"{row.goods.sku}, {name_of(row.goods)}",
                help_text=gettext("Units to send again, of %(count)d.")
                % {"count": row.kept},
                min_value=0,
                max_value=row.kept,
                required=False,
                initial=row.kept,
            )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if self.lines and not self.errors and not any(values.values()):
            raise ValidationError(gettext("Say which items are sent again."))
        return values

    def units(self) -> dict[int, int]:
        """Return key of the line -> units."""
        values = self.cleaned_data
        return {row.pk: values.get(_field(row, "again")) or 0 for row in self.lines}


class HandOverForm(ShipForm):
    """The label of a parcel of an exchange, and what is in it; see ShipForm."""

    def __init__(self, returned: Return, data: Any = None) -> None:
        exchange = returned.exchange
        due = due_again(exchange) if exchange else []
        super().__init__(data, due, is_pickup=returned.order.is_pickup)

    def sent(self) -> dict[str, Any]:
        """Return what ``exchanges.send`` takes; the label of a pick-up is empty."""
        values = self.cleaned_data
        label = {name: values.get(name, "") for name in ("carrier", "tracking_number")}
        return {**label, "items": self.items(), "uid": values["uid"]}


def _field(row: ReturnLine, name: str) -> str:
    return f"{name}_{row.pk}"
