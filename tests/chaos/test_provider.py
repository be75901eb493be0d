"""The payment provider answers late, wrongly or never; its webhooks go astray."""

from typing import Any

import pytest

from checkout.saga.models import State
from inventory.models import StockItem
from orders.models import Order
from tests.ground.live import LiveStack
from tests.journeys.customer import Customer, wait_for_state, wait_until_done
from tests.journeys.goods import stock_up
from tests.journeys.sandbox import answer_challenge, captured, intents_of, plan_fault

pytestmark = [pytest.mark.chaos, pytest.mark.both_databases]

THREE_D_SECURE = "pm_card_threeDSecure2Required"
LONGER_THAN_WE_WAIT = 2.5

# The SDK repeats a call once by itself, so a fault must come twice to be noticed.
NO_CLEAR_ANSWER: list[dict[str, Any]] = [
    {"kind": "withhold", "seconds": LONGER_THAN_WE_WAIT, "times": 2},
    {"kind": "cut_after", "times": 2},
    {"kind": "cut_before", "times": 2},
    {"kind": "error_after", "status": 500, "times": 1},
    {"kind": "error_before", "status": 500, "times": 1},
    {"kind": "error_before", "status": 409, "times": 2},
    {"kind": "error_before", "status": 429, "times": 2},
]


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
        orders.append(Customer(shop).buy({sku: 1}, "pm_card_visa_chargeDeclined"))

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
def test_a_challenge_that_is_passed_completes_whatever_befalls_the_webhooks(
    shop: LiveStack, fault: dict[str, Any]
) -> None:
    order = ask_the_bank(shop, fault)

    answer_challenge(shop, order, "complete")

    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]


def test_a_challenge_that_nobody_answers_gives_the_goods_back(shop: LiveStack) -> None:
    order = ask_the_bank(shop, {"kind": "webhook_drop", "times": 50})

    wait_for_state(shop, order, State.COMPENSATED, seconds=40)

    assert captured(shop, order) == []
    assert [intent["status"] for intent in intents_of(shop, order)] == ["canceled"]
    order.refresh_from_db()
    assert order.cancel_reason == Order.CancelReason.NOT_PAID
    assert StockItem.objects.get(sku=order.lines.get().sku).free == 1


def ask_the_bank(shop: LiveStack, fault: dict[str, Any]) -> Order:
    """Buy with a card whose bank asks the customer, while webhooks go astray."""
    plan_fault(shop, **fault)
    order = Customer(shop).buy({stock_up(1): 1}, THREE_D_SECURE)
    wait_for_state(shop, order, State.WAITING)
    return order
