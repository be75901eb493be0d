"""Charged orders whose goods turn out to be gone, and what people decide."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from checkout import shortages
from orders.models import Order, OrderLine, Shortage
from orders.shortages import Decision, Missing, Report
from tests.checkout.refunding import charged

BOTH = {"MUG-01": 2, "TEA-01": 1}
Choice = Shortage.Choice


def report(order: Order, units: Mapping[str, int], **fields: Any) -> Report:
    lines = OrderLine.objects.filter(order=order, sku__in=units)
    values: dict[str, Any] = {
        "uid": uuid.uuid4(),
        "items": [Missing(line, units[line.sku]) for line in lines],
        "expected_on": None,
        "actor": "yuki",
        "note": "the shelf is empty",
    }
    return Report(**(values | fields))


def lacking(
    units: Mapping[str, int] | None = None, *, shelf_is_empty: bool = True
) -> Shortage:
    """Return the shortage of a charged order that lacks ``units``, undecided."""
    order = charged(BOTH)
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


def give_back(client: Client, order: Order, amount: str) -> None:
    """Send the form for refunds as it is filled in, with ``amount`` typed once more."""
    page = reverse("admin:orders_order_refund", args=[order.pk])
    form = client.get(page).context["form"]
    filled = {field.html_name: field.value() for field in form}
    sent = {name: value for name, value in filled.items() if value is not None}
    client.post(page, {**sent, "typed": amount})
