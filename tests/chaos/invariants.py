"""The five invariants, seen from three sides: tables, ledger, the provider's list."""

from collections import Counter
from typing import Any

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from checkout.saga.models import Saga, State
from inventory.models import Hold, Movement, StockItem
from orders.models import Order, Payment
from tests.ground.live import LiveStack
from tests.ground.waiting import wait_until
from tests.journeys.sandbox import all_intents


def assert_invariants(stack: LiveStack) -> None:
    """Check I1 to I5 for everything that this shop ever did."""
    wait_until(_all_have_ended, "I5: every saga has ended, or staff know", seconds=30)
    charged = _charges(stack)
    for order in Order.objects.select_related("payment"):
        _check_money(order, charged.pop(str(order.uid), []))
    assert not charged, f"I1: charges that belong to no order: {charged}"
    _check_stock()


def _all_have_ended() -> bool:
    return not (
        Saga.objects.live().exists()
        or Saga.objects.failed().filter(alerted_at=None).exists()
    )


def _charges(stack: LiveStack) -> dict[str, list[int]]:
    """Return order uid -> the amount of every charge that was really taken."""
    taken: dict[str, list[int]] = {}
    for intent in all_intents(stack):
        assert intent["refunded"] == 0, f"I2: nobody asked for this refund: {intent}"
        for charge in intent["charges"]:
            if charge["captured"]:
                uid = _order_of(intent)
                taken.setdefault(uid, []).append(charge["amount_captured"])
    return taken


def _order_of(intent: dict[str, Any]) -> str:
    return str(intent["metadata"].get("order", intent["id"]))


def _check_money(order: Order, charges: list[int]) -> None:
    saga = Saga.objects.get(reference=order.number)
    tale = f"{order} is {order.status}, saga {saga.state} at {saga.step}: {charges}"
    assert len(charges) <= 1, f"I1: charged twice: {tale}"
    holding = Hold.objects.active().filter(reference=order.number).exists()
    if charges:
        assert charges == [order.total_minor], f"I1: a wrong amount: {tale}"
        assert saga.state in (State.DONE, State.FAILED), f"I2: charged, undone: {tale}"
    if saga.state == State.DONE:
        assert charges, f"I2: delivered without a charge: {tale}"
        assert order.status == Order.Status.CONFIRMED, tale
        assert order.payment.status == Payment.Status.CAPTURED, tale
        assert _shipped(order) == _ordered(order), f"I3: other goods left: {tale}"
    elif not charges and saga.state == State.COMPENSATED:
        assert order.status == Order.Status.CANCELLED, tale
        assert order.payment.status == Payment.Status.CANCELLED, tale
        assert not holding, f"I4: ended unpaid and holds stock: {tale}"
        assert not _shipped(order), f"I3: unpaid goods left: {tale}"


def _ordered(order: Order) -> Counter[str]:
    return Counter(dict(order.lines.values_list("sku", "quantity")))


def _shipped(order: Order) -> Counter[str]:
    rows = Movement.objects.filter(
        reference=order.number, kind=Movement.Kind.SHIP_OUT
    ).values_list("item__sku", "quantity")
    return Counter({sku: -quantity for sku, quantity in rows})


def _check_stock() -> None:
    items = StockItem.objects.annotate(
        ledger=Coalesce(Sum("movements__quantity"), 0)
    ).exclude(on_hand=F("ledger"))
    assert not items, f"I3: the shelf is not the ledger: {list(items.values())}"
    for item in StockItem.objects.all():
        by_state = dict(
            item.holds.values_list("state").annotate(units=Sum("quantity"))
        )
        tale = f"{item}: on hand {item.on_hand}, held {item.held}, holds {by_state}"
        assert 0 <= item.held <= item.on_hand, f"I3: negative: {tale}"
        assert item.held == by_state.get(Hold.State.ACTIVE, 0), f"I3: {tale}"
        came = item.movements.filter(quantity__gt=0).aggregate(n=Sum("quantity"))["n"]
        sold = by_state.get(Hold.State.SHIPPED, 0)
        assert item.on_hand + sold == (came or 0), f"I3: received {came}: {tale}"
