"""Charged orders, and requests of staff to refund them."""

import uuid
from collections.abc import Mapping
from typing import Any

from checkout.aftersales.refunds.services import request_refund
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.refunds_and_disputes import RefundStatus
from orders.models import Order, OrderLine, Payment, Refund
from orders.transitions.refunds import Item, RefundRequest
from saga.engine import run
from tests.support.ordering import place

MUG = {"MUG-01": 2}
TOTAL = 4200  # two mugs at 1,800 yen and 600 for shipping


def make_charged_order(units: Mapping[str, int] | None = None) -> Order:
    """Return a completed order: charged, its goods shipped out."""
    order, saga = place(units=units or MUG)
    run(saga.pk)
    return Order.objects.get(pk=order.pk)


def wish(order: Order, amount: int, **fields: Any) -> RefundRequest:
    """Return a request to refund ``amount``, with ``goods`` (SKU -> units)."""
    goods: dict[str, int] = fields.pop("goods", {})
    restock: bool = fields.pop("restock", False)
    lines = OrderLine.objects.filter(order=order, sku__in=goods)
    values: dict[str, Any] = {
        "uid": uuid.uuid4(),
        "amount_minor": amount,
        "seen_minor": Payment.objects.get(order=order).refunded_minor,
        "items": [Item(line, goods[line.sku], restock) for line in lines],
        "actor": "yuki",
        "reason": "broken handle",
    }
    return RefundRequest(**(values | fields))


def make_refund(order: Order, amount: int, **fields: Any) -> Refund:
    return request_refund(order, wish(order, amount, **fields))


def refunded_total(gateway: FakeGateway) -> int:
    """Return the sum of all refunds of the provider, in minor units."""
    gone = (RefundStatus.FAILED, RefundStatus.CANCELED)
    return sum(one.amount for one in gateway.refunds.values() if one.status not in gone)
