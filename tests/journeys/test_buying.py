"""From the product to the completed order, over HTTP, on the real processes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from inventory.models import Hold, StockItem
from inventory.services import adjust
from orders.models import Order
from saga.models import State
from tests.support.catalogue import stock_up
from tests.support.customer import (
    Customer,
    order_shown,
    wait_for_state,
    wait_until_done,
)
from tests.support.live import LiveStack
from tests.support.mail import body, confirmations
from tests.support.sandbox_control import answer_challenge, captured, intents_of
from tests.support.waiting import wait_until

DECLINED = "pm_card_visa_chargeDeclinedInsufficientFunds"
THREE_D_SECURE = "pm_card_threeDSecure2Required"


@pytest.mark.both_databases
def test_a_bought_order_is_charged_once_and_confirmed_by_mail(shop: LiveStack) -> None:
    mug, towel = stock_up(5, price=1800), stock_up(5, price=950)
    customer = Customer(shop)

    order = customer.buy({mug: 2, towel: 1})
    wait_until_done(shop, [order])

    assert order.total_minor == 2 * 1800 + 950 + order.shipping_minor
    (intent,) = intents_of(shop, order)
    assert intent["status"] == "succeeded"
    assert intent["amount"] == order.total_minor
    assert captured(shop, order) == [order.total_minor]
    page = customer.order_page(order)
    assert "Thank you. Your order is complete" in page
    assert order.number in page
    (mail,) = confirmations(shop, order)
    assert mail["To"] == order.email
    assert order.number in body(mail, "plain")
    assert order.number in body(mail, "html")
    assert StockItem.objects.get(sku=mug).on_hand == 3
    assert customer.get("/cart/").text.count("line-quantity") == 0


def test_a_japanese_customer_gets_page_and_mail_in_japanese(shop: LiveStack) -> None:
    customer = Customer(shop, language="ja")

    order = customer.buy({stock_up(1): 1})
    wait_until_done(shop, [order])

    assert 'lang="ja"' in customer.order_page(order)
    (mail,) = confirmations(shop, order)
    assert order.language == "ja"
    assert "商品 " in body(mail, "plain")


def test_after_a_declined_card_another_one_completes_the_same_order(
    shop: LiveStack,
) -> None:
    sku = stock_up(1)
    customer = Customer(shop)

    order = customer.buy({sku: 1}, DECLINED)
    wait_for_state(shop, order, State.WAITING)

    page = customer.order_page(order)
    assert "Insufficient funds." in page
    assert "Nothing was charged, and your order is kept." in page
    assert StockItem.objects.get(sku=sku).free == 0, "the goods are kept"
    customer.try_card(order, "pm_card_mastercard")
    wait_until_done(shop, [order])
    assert len(intents_of(shop, order)) == 1
    assert captured(shop, order) == [order.total_minor]


@pytest.mark.both_databases
def test_a_customer_too_late_for_the_last_unit_is_not_charged(
    shop: LiveStack,
) -> None:
    sku = stock_up(2)
    customers = [Customer(shop), Customer(shop)]
    # Both confirm while two are counted; then one of them is found broken.
    shop.stop("worker")
    orders = [customer.buy({sku: 1}) for customer in customers]
    adjust(sku, -1, "C-1", "one is broken", "ken")
    shop.start("worker")

    ends = [
        wait_for_state(shop, order, State.DONE, State.COMPENSATED).state
        for order in orders
    ]

    assert sorted(ends) == [State.COMPENSATED, State.DONE]
    late = ends.index(State.COMPENSATED)
    assert intents_of(shop, orders[late]) == []
    assert not Hold.objects.active().filter(reference=orders[late].number).exists()
    orders[late].refresh_from_db()
    assert orders[late].cancel_reason == Order.CancelReason.OUT_OF_STOCK
    page = customers[late].order_page(orders[late])
    assert "An item sold out before we could set it aside for you." in page
    assert "Nothing was charged." in page


def test_a_passed_question_of_the_bank_completes_the_order(shop: LiveStack) -> None:
    customer = Customer(shop)
    order = customer.buy({stock_up(1): 1}, THREE_D_SECURE)
    wait_for_state(shop, order, State.WAITING)
    asked = "Your bank wants to make sure it is you"
    wait_until(lambda: asked in customer.order_page(order), "the page says so")

    answer_challenge(shop, order, "complete")

    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]


def test_after_a_failed_question_of_the_bank_another_card_completes_the_order(
    shop: LiveStack,
) -> None:
    customer = Customer(shop)
    order = customer.buy({stock_up(1): 1}, THREE_D_SECURE)
    wait_for_state(shop, order, State.WAITING)

    answer_challenge(shop, order, "fail")

    failed = "Your bank could not make sure that it was you."
    wait_until(lambda: failed in customer.order_page(order), "the page says so")
    assert captured(shop, order) == []
    customer.try_card(order, "pm_card_visa")
    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]


def test_an_order_that_is_never_paid_is_cancelled_and_the_cart_is_back(
    shop: LiveStack,
) -> None:
    sku = stock_up(1)
    customer = Customer(shop)
    order = customer.buy({sku: 1}, "pm_card_visa_chargeDeclined")

    wait_for_state(shop, order, State.COMPENSATED)

    assert [intent["status"] for intent in intents_of(shop, order)] == ["canceled"]
    assert StockItem.objects.get(sku=sku).free == 1
    page = customer.order_page(order)
    assert "The payment was not completed in time" in page
    assert "Your cart is back: look at it" in page
    again = order_shown(customer.purchase(customer.go_to_confirmation(), "pm_card_jcb"))
    assert again.pk != order.pk
    wait_until_done(shop, [again])


@pytest.mark.both_databases
def test_a_confirmation_sent_many_times_from_two_tabs_makes_one_order(
    shop: LiveStack,
) -> None:
    sku = stock_up(10)
    first, second = Customer(shop), Customer(shop)
    first.fill_cart({sku: 1})
    second.session.cookies.update(first.session.cookies)
    form = first.go_to_confirmation()

    def send(tab: Customer) -> Order:
        try:
            return order_shown(tab.purchase(form, "pm_card_visa"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=6) as pool:
        orders = list(pool.map(send, [first, second] * 4))

    (order,) = set(orders)
    wait_until_done(shop, [order])
    assert send(first) == order, "also when it is long complete"
    assert Order.objects.filter(lines__sku=sku).count() == 1
    assert captured(shop, order) == [order.total_minor]
