"""The payment provider answers late, wrongly or never; webhooks are lost or late."""

from typing import Any

import pytest
import requests
from django.utils import timezone

from inventory.models import Hold, StockItem
from inventory.services import reserve
from orders.models import Order
from saga.models import State
from tests.chaos.buyers import DECLINED, THREE_D_SECURE
from tests.chaos.plans import NO_CLEAR_ANSWER
from tests.support.catalogue import stock_up
from tests.support.customer import Customer, wait_for_state, wait_until_done
from tests.support.live import LiveStack
from tests.support.sandbox_control import (
    answer_challenge,
    captured,
    intents_of,
    plan_fault,
)
from tests.support.waiting import wait_until

# On SQLite only, to save time: make chaos runs on both databases.
pytestmark = pytest.mark.chaos


@pytest.mark.parametrize("operation", ["create", "confirm", "capture"])
def test_calls_without_a_clear_answer_still_charge_once(
    shop: LiveStack, operation: str
) -> None:
    sku = stock_up(len(NO_CLEAR_ANSWER))
    orders = []
    for fault in NO_CLEAR_ANSWER:
        plan_fault(shop, operation=operation, **fault)
        orders.append(Customer(shop).buy({sku: 1}))

    wait_until_done(shop, orders)

    for order in orders:
        assert captured(shop, order) == [order.total_minor]
    assert StockItem.objects.get(sku=sku).on_hand == 0


def test_a_void_without_an_answer_is_settled_before_the_goods_go_back(
    shop: LiveStack,
) -> None:
    sku = stock_up(2)
    orders = []
    for fault in ({"kind": "cut_after"}, {"kind": "withhold", "seconds": 2.5}):
        plan_fault(shop, operation="cancel", times=2, **fault)
        orders.append(Customer(shop).buy({sku: 1}, DECLINED))

    for order in orders:
        wait_for_state(shop, order, State.COMPENSATED, seconds=60)

    assert [intent["status"] for intent in intents_of(shop, *orders)] == [
        "canceled",
        "canceled",
    ]
    assert StockItem.objects.get(sku=sku).free == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "webhook_drop", "times": 50},
        {"kind": "webhook_duplicate", "times": 50},
        {"kind": "webhook_delay", "seconds": 1, "times": 50},
        {"kind": "webhook_reorder", "times": 2},
    ],
    ids=lambda fault: fault["kind"],
)
def test_a_challenge_that_is_passed_completes_whatever_happens_to_the_webhooks(
    shop: LiveStack, fault: dict[str, Any]
) -> None:
    order = ask_the_bank(shop, fault)

    answer_challenge(shop, order, "complete")

    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]


def test_a_challenge_that_nobody_answers_gives_the_goods_back(shop: LiveStack) -> None:
    order = ask_the_bank(shop, {"kind": "webhook_drop", "times": 50})

    wait_for_state(shop, order, State.COMPENSATED)

    assert captured(shop, order) == []
    assert [intent["status"] for intent in intents_of(shop, order)] == ["canceled"]
    order.refresh_from_db()
    assert order.cancel_reason == Order.CancelReason.NOT_PAID
    assert StockItem.objects.get(sku=order.lines.get().sku).free == 1


def test_a_hold_that_expires_during_the_bank_s_question_is_taken_again(
    shop: LiveStack,
) -> None:
    order = ask_the_bank(shop, {"kind": "webhook_duplicate", "times": 50})
    let_the_hold_expire(order)

    answer_challenge(shop, order, "complete")

    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]
    assert StockItem.objects.get(sku=order.lines.get().sku).on_hand == 0


def test_goods_that_went_to_another_during_the_bank_s_question_charge_nobody(
    shop: LiveStack,
) -> None:
    order = ask_the_bank(shop, {"kind": "webhook_duplicate", "times": 50})
    sku = order.lines.get().sku
    let_the_hold_expire(order)
    reserve(f"another customer of {sku}", {sku: 1}, expires_at=None)

    answer_challenge(shop, order, "complete")

    wait_for_state(shop, order, State.COMPENSATED)
    assert captured(shop, order) == []
    order.refresh_from_db()
    assert order.cancel_reason == Order.CancelReason.OUT_OF_STOCK
    assert StockItem.objects.get(sku=sku).held == 1, "the other customer keeps it"


def let_the_hold_expire(order: Order) -> None:
    """Let the hold expire, and wait until the sweeper has seen it."""
    rows = Hold.objects.filter(reference=order.number)
    rows.update(expires_at=timezone.now())
    wait_until(lambda: rows.filter(state=Hold.State.EXPIRED).exists(), "it expires")


def test_an_undo_that_meets_a_charge_goes_forward_instead(shop: LiveStack) -> None:
    order = begin_to_void(shop)

    answer_challenge(shop, order, "complete")
    capture_by_hand(shop, order)

    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]


def test_an_undo_that_comes_before_the_charge_wins(shop: LiveStack) -> None:
    order = begin_to_void(shop)

    answer_challenge(shop, order, "complete")

    wait_for_state(shop, order, State.COMPENSATED, seconds=60)
    assert capture_by_hand(shop, order) == "payment_intent_unexpected_state"
    assert captured(shop, order) == []
    assert [intent["status"] for intent in intents_of(shop, order)] == ["canceled"]
    assert StockItem.objects.get(sku=order.lines.get().sku).free == 1


def begin_to_void(shop: LiveStack) -> Order:
    """Let the customer's time run out; the provider takes seconds to void."""
    order = ask_the_bank(shop, {"kind": "webhook_drop", "times": 50})
    plan_fault(shop, operation="cancel", kind="delay", seconds=3)
    wait_for_state(shop, order, State.COMPENSATING)
    return order


def capture_by_hand(shop: LiveStack, order: Order) -> str:
    """Charge without the shop, as in the dashboard. Return the error code, or ""."""
    answer = requests.post(
        f"{shop.sandbox_url}/v1/payment_intents/{order.payment.intent_id}/capture",
        auth=("sk_test_sandbox", ""),
        timeout=10,
    )
    error: dict[str, str] = answer.json().get("error", {})
    return error.get("code", "")


def ask_the_bank(shop: LiveStack, fault: dict[str, Any]) -> Order:
    """Buy with a card whose bank asks the customer, under this webhook fault."""
    plan_fault(shop, **fault)
    order = Customer(shop).buy({stock_up(1): 1}, THREE_D_SECURE)
    wait_for_state(shop, order, State.WAITING)
    return order
