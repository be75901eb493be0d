"""The forms with which papers are issued: the original, and a copy."""

from django import forms
from django.utils.translation import gettext_lazy as _

from checkout.paper.kinds import OF_MONEY
from checkout.paper.selectors import Offer, offers_of
from orders.models import Order
from shop.forms.fields import LineField, NumberField


class IssueForm(forms.Form):
    """The first issue. ``refund`` is empty but for a credit note."""

    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in OF_MONEY],
        widget=forms.HiddenInput,
    )
    refund = NumberField(required=False, widget=forms.HiddenInput)
    addressee = LineField(
        label=_("Addressee"),
        max_length=100,
        help_text=_(
            "A person or a company. It cannot be changed once the paper is issued."
        ),
        error_messages={"required": _("Enter for whom the paper is.")},
    )


class CopyForm(forms.Form):
    """A further issue. ``seen``: how many copies the page knew of."""

    paper = NumberField(widget=forms.HiddenInput)
    seen = NumberField(min_value=0, max_value=10_000, widget=forms.HiddenInput)


def rows_of(
    order: Order, wrong: IssueForm | None = None
) -> list[tuple[Offer, IssueForm | None]]:
    """Return the papers of an order, each not issued yet with its form.

    ``wrong``: a form that was sent and refused; it stands in its place.
    """
    return [
        (offer, None if offer.issues else _form_of(offer, order, wrong))
        for offer in offers_of(order)
    ]


def _form_of(offer: Offer, order: Order, wrong: IssueForm | None) -> IssueForm:
    refund = str(offer.refund.pk) if offer.refund else ""
    sent = (wrong["kind"].value(), wrong["refund"].value() or "") if wrong else None
    if wrong and sent == (offer.kind, refund):
        return wrong
    first = {"kind": offer.kind, "refund": refund, "addressee": order.addressee}
    return IssueForm(initial=first, auto_id=f"id_{offer.kind}{refund}_%s")
