"""Read what the pages about mismatches show."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.reconciliation.forms import ExplainForm
from backoffice.stripe_pages import payment_url
from checkout.reconciliation.kinds import OF_GOODS, Kind, Severity
from checkout.reconciliation.models import Mismatch
from checkout.reconciliation.remedies import command, remedy
from checkout.reconciliation.selectors import BooksStatus
from checkout.reconciliation.wording import at_stripe, price, sentence
from inventory.models import StockItem
from orders.models import Order, Payment
from saga.models import State
from shop.catalogue.models import Variant
from shop.formatting import Wording

SEVERITIES: dict[Severity, Wording] = {
    Severity.URGENT: _("urgent"),
    Severity.NORMAL: _("to be settled"),
    Severity.NOTICE: _("for information"),
}
# Classes of badges in the admin's style sheet.
LOOKS = {Severity.URGENT: "none", Severity.NORMAL: "low", Severity.NOTICE: ""}
_OF_LEDGER = (Kind.LEDGER_DIFFERS, Kind.HELD_DIFFERS)


@dataclass(frozen=True)
class Description:
    """One mismatch as text, with the style of its badge."""

    row: Mismatch
    look: str
    severity: str
    sentence: str


@dataclass(frozen=True)
class Link:
    url: str
    label: str


def describe(row: Mismatch) -> Description:
    """Return the mismatch as text, in the active language."""
    severity = row.severity
    return Description(row, LOOKS[severity], str(SEVERITIES[severity]), sentence(row))


def read_page(row: Mismatch) -> dict[str, Any]:
    """Return the template context of one mismatch."""
    return {
        "description": describe(row),
        "original": row,
        "remedy": remedy(row),
        "command": command(row),
        "facts": _facts(row),
        "links": _links(row),
        "form": ExplainForm(),
    }


def write_headline(status: BooksStatus) -> tuple[str, str]:
    """Return (tone, sentence): whether the books agree."""
    if status.last_run is None:
        return "calm", gettext("Nothing was compared yet.")
    if status.unexplained:
        count = status.unexplained
        text = ngettext(
            "%(count)d difference is not explained.",
            "%(count)d differences are not explained.",
            count,
        )
        return "bad", text % {"count": count}
    if status.is_late:
        return "bad", gettext("The last comparison is too long ago.")
    days = status.clean_days
    text = ngettext(
        "0 unexplained for %(count)d day", "0 unexplained for %(count)d days", days
    )
    return "ok", text % {"count": days}


def _facts(row: Mismatch) -> list[tuple[str, str]]:
    facts = row.facts
    if row.kind in OF_GOODS:
        return []
    found = [
        (gettext("At Stripe"), f"{at_stripe(row)} {price(row, 'there')}"),
        (gettext("In our books"), price(row, "here")),
        (gettext("Payment"), _label(Payment.Status, facts.get("payment_status"))),
        (gettext("Order"), _label(Order.Status, facts.get("order_status"))),
        (capfirst(gettext("processing log")), _label(State, facts.get("saga_state"))),
    ]
    return [(name, value) for name, value in found if value.strip(" -")]


def _label(choices: Any, value: str | None) -> str:
    return str(dict(choices.choices).get(value, "")) if value else ""


def _links(row: Mismatch) -> list[Link]:
    """Return links to the order, the payment and the stock of a mismatch."""
    found = []
    order = Order.objects.filter(number=row.order_number).first()
    if order and row.kind == Kind.CHARGED_STOPPED:
        url = reverse("admin:backoffice_stalledorder_change", args=[order.pk])
        found.append(Link(url, gettext("Resume the order")))
    elif order:
        url = reverse("admin:orders_order_change", args=[order.pk])
        found.append(Link(url, gettext("Open the order")))
    here = row.facts.get("here_intent", "")
    for intent_id in dict.fromkeys([row.intent_id, here]):
        if intent_id:
            label = gettext("Look at %(payment)s in Stripe") % {"payment": intent_id}
            found.append(Link(payment_url(intent_id), label))
    return found + _stock_links(row)


def _product_links(sku: str) -> list[Link]:
    """Return links to the product of a SKU, and to the page where it is received."""
    found = [
        Link(reverse("admin:inventory_stockitem_new_goods"), gettext("Receive goods"))
    ]
    variant = Variant.objects.filter(sku=sku).first()
    if variant is not None:
        url = reverse("admin:catalogue_product_change", args=[variant.product_id])
        found.append(Link(url, gettext("Open the product")))
    return found


def _stock_links(row: Mismatch) -> list[Link]:
    if row.kind not in OF_GOODS:
        return []
    if row.kind == Kind.PRODUCT_WITHOUT_STOCK:
        return _product_links(row.subject)
    skus = [row.subject] if row.kind in _OF_LEDGER else list(row.facts["units"])
    items = StockItem.objects.filter(sku__in=skus).order_by("sku")
    found = [
        Link(
            reverse("admin:inventory_stockitem_change", args=[item.pk]),
            gettext("Stock of %(sku)s") % {"sku": item.sku},
        )
        for item in items
    ]
    if row.kind not in _OF_LEDGER:
        query = urlencode({"q": row.subject})
        holds = reverse("admin:inventory_hold_changelist")
        ledger = reverse("admin:inventory_movement_changelist")
        found.append(Link(f"{holds}?{query}", gettext("Its holds")))
        found.append(Link(f"{ledger}?{query}", gettext("Its movements")))
    return found
