"""Cash at a convenience store, on the real processes: paid, lapsed, or both."""

from concurrent.futures import ThreadPoolExecutor

import requests
from django.db import connections

from inventory.models import StockItem
from orders.models import Order
from saga.models import State
from tests.support.catalogue import stock_up
from tests.support.customer import Customer, saga_of, wait_for_state, wait_until_done
from tests.support.live import LiveStack
from tests.support.mail import body, confirmations, queued_mails
from tests.support.sandbox_control import (
    captured,
    intents_of,
    konbini_token,
    plan_fault,
    visit_store,
)
from tests.support.waiting import wait_until


def buy_with_voucher(shop: LiveStack, customer: Customer, sku: str) -> Order:
    """Order one of ``sku``; return the order once its voucher is issued."""
    order = customer.buy({sku: 1}, konbini_token(shop))
    wait_for_state(shop, order, State.WAITING)
    assert saga_of(order).waiting_for == "voucher"
    return order


def test_a_voucher_is_shown_mailed_paid_and_charged_once(shop: LiveStack) -> None:
    sku = stock_up(1)
    customer = Customer(shop)
    order = buy_with_voucher(shop, customer, sku)

    page = customer.order_page(order)
    assert "Please pay at a convenience store" in page
    (intent,) = intents_of(shop, order)
    stores = intent["next_action"]["konbini_display_details"]["stores"]
    (mail,) = wait_until(lambda: queued_mails(shop, order, "voucher"), "the mail came")
    for codes in stores.values():
        assert codes["payment_code"] in page
        assert codes["payment_code"] in body(mail, "plain")
        assert codes["payment_code"] in body(mail, "html")
    assert StockItem.objects.get(sku=sku).free == 0, "the goods are kept"
    assert captured(shop, order) == []

    visit_store(shop, order, "pay")

    # By the webhook: no page is open, and no deadline is near.
    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]
    assert len(confirmations(shop, order)) == 1
    assert "Thank you. Your order is complete" in customer.order_page(order)


def test_a_voucher_that_lapses_gives_the_goods_back_and_is_mailed(
    shop: LiveStack,
) -> None:
    sku = stock_up(1)
    customer = Customer(shop, language="ja")
    order = buy_with_voucher(shop, customer, sku)

    visit_store(shop, order, "lapse")

    wait_for_state(shop, order, State.COMPENSATED)
    assert StockItem.objects.get(sku=sku).free == 1
    assert [intent["status"] for intent in intents_of(shop, order)] == ["canceled"]
    (mail,) = wait_until(lambda: queued_mails(shop, order, "cancelled"), "it is mailed")
    assert "店頭でのお支払いはなさらないでください" in body(mail, "plain")
    assert "店頭でのお支払いはなさらないでください" in customer.order_page(order)
    visit_store(shop, order, "pay")
    assert captured(shop, order) == [], "a void voucher takes no money"


def test_the_numbers_are_mailed_in_japanese_too(shop: LiveStack) -> None:
    order = buy_with_voucher(shop, Customer(shop, language="ja"), stock_up(1))

    (mail,) = wait_until(lambda: queued_mails(shop, order, "voucher"), "the mail came")

    assert "コンビニでのお支払いのお願い" in str(mail["Subject"])
    assert "ファミリーマート" in body(mail, "html")
    visit_store(shop, order, "pay")
    wait_until_done(shop, [order])


def test_the_page_of_the_voucher_itself_can_be_opened_and_paid(
    shop: LiveStack,
) -> None:
    customer = Customer(shop)
    order = buy_with_voucher(shop, customer, stock_up(1))
    (intent,) = intents_of(shop, order)
    address = intent["next_action"]["konbini_display_details"]["hosted_voucher_url"]
    assert address in customer.order_page(order)

    answer = requests.post(address, data={"result": "pay"}, timeout=10)

    assert answer.status_code == 200
    wait_until_done(shop, [order])


def test_staff_who_cancel_while_the_customer_pays_leave_one_truth(
    shop: LiveStack,
) -> None:
    orders = [buy_with_voucher(shop, Customer(shop), stock_up(1)) for _ in range(4)]
    numbers = [order.number for order in orders]

    def cancel() -> None:
        words = ["saga_cancel", *numbers, "--yes", "--reason", "raced"]
        shop.manage(*words, check=False)

    def pay(order: Order) -> None:
        # The first cancellation is under way, so some win and some lose.
        wait_until(
            lambda: saga_of(orders[0]).state != State.WAITING,
            "staff have begun",
            seconds=60,
        )
        visit_store(shop, order, "pay")
        connections.close_all()

    with ThreadPoolExecutor(max_workers=5) as pool:
        done = [pool.submit(cancel), *(pool.submit(pay, order) for order in orders)]
        for one in done:
            one.result()

    for order in orders:
        ended = wait_for_state(shop, order, State.DONE, State.COMPENSATED)
        paid = [order.total_minor] if ended.state == State.DONE else []
        assert captured(shop, order) == paid


def test_money_that_comes_while_the_workers_are_dead_is_found_by_the_sweeper(
    shop: LiveStack,
) -> None:
    order = buy_with_voucher(shop, Customer(shop), stock_up(1))
    shop.stop("worker")

    visit_store(shop, order, "pay")

    wait_until_done(shop, [order])
    shop.start("worker")
    assert captured(shop, order) == [order.total_minor]


def test_an_answer_cut_off_while_the_voucher_is_issued_issues_one(
    shop: LiveStack,
) -> None:
    plan_fault(shop, operation="confirm", kind="cut_after", times=2)
    order = buy_with_voucher(shop, Customer(shop), stock_up(1))

    assert len(intents_of(shop, order)) == 1
    visit_store(shop, order, "pay")
    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]
