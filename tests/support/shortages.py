"""Charged orders with missing goods, and decisions about them."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.shortages import substitutes
from checkout.reconciliation.compare import Moment
from checkout.reconciliation.goods import findings
from orders.models import Order, OrderLine, Shortage
from orders.parcels import Instead, Units, parcel
from orders.transitions.shortages import Decision, Report
from shop.catalogue.models import Variant
from tests.support.catalogue import make_product
from tests.support.invariants import assert_invariants
from tests.support.refunding import make_charged_order

BOTH = {"MUG-01": 2, "TEA-01": 1}
Choice = Shortage.Choice


def report(order: Order, units: Mapping[str, int], **fields: Any) -> Report:
    lines = OrderLine.objects.filter(order=order, sku__in=units)
    values: dict[str, Any] = {
        "uid": uuid.uuid4(),
        "items": [Units(line, units[line.sku]) for line in lines],
        "expected_on": None,
        "actor": "yuki",
        "note": "the shelf is empty",
    }
    return Report(**(values | fields))


def make_shortage(
    units: Mapping[str, int] | None = None, *, shelf_is_empty: bool = True
) -> Shortage:
    """Return an undecided shortage of ``units`` of a charged order."""
    order = make_charged_order(BOTH)
    asked = report(order, units or {"MUG-01": 1})
    return shortages.record(order, asked, shelf_is_empty=shelf_is_empty)


def decide(shortage: Shortage, choice: Choice, **fields: Any) -> None:
    values: dict[str, Any] = {
        "choice": choice,
        "seen": shortage.moves,
        "actor": "yuki",
        "reason": "agreed by phone",
    }
    if choice == Choice.WAIT:
        values["until"] = timezone.localdate() + timedelta(days=5)
    shortages.decide(shortage, Decision(**(values | fields)))


def article(sku: str = "CUP-01", price: int = 1500, units: int = 5) -> Variant:
    """Create another article on sale, with ``units`` in stock."""
    make_product(
        sku.lower(), skus=(sku,), units=units, price_minor=price, name_en="Tea Cup"
    )
    return Variant.objects.get(sku=sku)


def replaced(shortage: Shortage, *variants: Variant) -> list[Instead]:
    """Return the replacements of the missing rows, one variant for each."""
    rows = shortages.missing(shortage)
    return substitutes.chosen(dict(zip(rows, variants, strict=True)))


def substituted(variant: Variant | None = None, missing: int = 1) -> Shortage:
    """Return a shortage of mugs that was solved by sending another article."""
    shortage = make_shortage({"MUG-01": missing})
    instead = replaced(shortage, variant or article())
    decide(shortage, Choice.SUBSTITUTE, instead=instead)
    return shortage


def substitute_missing(order: Order) -> Shortage:
    """Record that the substitute is missing as well."""
    items = [units for units in parcel(order) if units.substitute]
    asked = report(order, {}, items=items)
    return shortages.record(order, asked, shelf_is_empty=True)


def assert_books_agree() -> None:
    """Assert that the daily comparison of stock and orders finds nothing."""
    later = timezone.now() + timedelta(days=1)
    assert list(findings(Moment(later, timedelta(minutes=5)))) == []
    assert_invariants()


def give_back(client: Client, order: Order, amount: str) -> None:
    """Send the prefilled form for refunds, with ``amount`` typed once more."""
    page = reverse("admin:orders_order_refund", args=[order.pk])
    form = client.get(page).context["form"]
    filled = {field.html_name: field.value() for field in form}
    sent = {name: value for name, value in filled.items() if value is not None}
    client.post(page, {**sent, "typed": amount})
