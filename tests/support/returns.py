"""Orders that were sent, and returns of their goods."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checkout.aftersales.returns import services
from orders.models import Order, Return
from orders.parcels import Units, returnable
from orders.transitions.returns import Decision, Outcome, Wish
from tests.support.parcels import send
from tests.support.refunding import MUG, make_charged_order

DECISION = Decision("yuki", "on the phone")


def make_sent_order(units: Mapping[str, int] | None = None) -> Order:
    """Return a charged order whose one parcel has left."""
    order = make_charged_order(units or MUG)
    send(order)
    return Order.objects.get(pk=order.pk)


def wish(order: Order, units: Mapping[str, int] | None = None, **more: Any) -> Wish:
    """Return the wish to return ``units`` (SKU -> units), or everything."""
    items = [
        replace(each, quantity=(units or {}).get(each.goods.sku, each.quantity))
        for each in returnable(order)
        if units is None or each.goods.sku in units
    ]
    values: dict[str, Any] = {
        "uid": uuid.uuid4(),
        "items": items,
        "reason": Return.Reason.DAMAGED,
        "comment": "",
    }
    return Wish(**(values | more))


def register(order: Order, units: Mapping[str, int] | None = None) -> Return:
    """Have staff allow a return."""
    return services.register(order, wish(order, units), DECISION)


def ask_to_return(order: Order, units: Mapping[str, int] | None = None) -> Return:
    """Have the customer ask."""
    return services.ask(Order.objects.get(pk=order.pk), wish(order, units))


def outcomes(returned: Return, **units: int) -> list[Outcome]:
    """Return the same outcome of each line, such as ``restocked=1``."""
    return [Outcome(row, **units) for row in returned.lines.all()]


def arrive(returned: Return, **units: int) -> bool:
    """Have staff record the parcel; without ``units`` everything is put into stock."""
    found = outcomes(returned, **units)
    if not units:
        found = [replace(each, restocked=each.row.quantity) for each in found]
    return services.receive(returned, found, "yuki")


def too_many(order: Order, units: int) -> list[Units]:
    """Return ``units`` of the order's first line, whatever it holds."""
    return [Units(order.lines.all()[0], units)]
