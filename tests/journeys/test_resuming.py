"""A paid order that stops: staff get an alert, resume it, and it completes once."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from inventory.models import Movement, StockItem
from inventory.services import adjust, receive, release
from orders.models import Order
from saga.models import Attempt, Saga, State
from tests.support.catalogue import stock_up
from tests.support.chat import Chat
from tests.support.clerk import signed_in
from tests.support.customer import Customer, saga_of, wait_for_state, wait_until_done
from tests.support.live import LiveStack
from tests.support.mail import confirmations
from tests.support.sandbox_control import captured, plan_fault
from tests.support.waiting import wait_until

pytestmark = pytest.mark.both_databases


def buy_what_gets_lost(shop: LiveStack, customer: Customer, sku: str) -> Order:
    """Buy the last unit, and remove it from stock during the charge."""
    plan_fault(shop, operation="capture", kind="delay", seconds=2)
    order = customer.buy({sku: 1})
    wait_until(lambda: saga_of(order).pivot_at, "the charge is under way")
    release(order.number)
    adjust(sku, -1, f"broken-{sku}", note="fell off the shelf", actor="yuki")
    return order


def test_a_paid_order_whose_goods_are_lost_is_resumed_in_the_back_office(
    shop: LiveStack, chat: Chat
) -> None:
    sku = stock_up(1)
    customer = Customer(shop)
    order = buy_what_gets_lost(shop, customer, sku)

    saga = wait_for_state(shop, order, State.FAILED)

    assert saga.step == "fulfil_order"
    (alert,) = wait_until(lambda: chat.about(order.number), "the chat has the alert")
    assert "fulfil_order" in alert
    assert f"/admin/backoffice/stalledorder/{order.pk}/" in alert
    assert "Charged" in alert
    page = customer.order_page(order)
    assert "We have your money and your order" in page
    assert "Please do not pay or order again." in page
    clerk = signed_in(shop)
    assert order.number in clerk.stalled_orders()

    receive(sku, 1, f"second-delivery-{sku}")
    page = clerk.resume(clerk.resume_form(order), "a new one came").text

    wait_until_done(shop, [order])
    assert order.number in page
    assert order.number not in clerk.stalled_orders()
    act = saga.attempts.get(outcome=Attempt.Outcome.RESUMED)
    assert (act.actor, act.note) == ("admin", "a new one came")
    assert captured(shop, order) == [order.total_minor]
    out = Movement.objects.filter(reference=order.number, kind="ship_out")
    assert [line.quantity for line in out] == [-1]
    assert len(confirmations(shop, order)) == 1
    assert StockItem.objects.get(sku=sku).on_hand == 0


def test_many_staff_who_resume_at_once_resume_once(shop: LiveStack, chat: Chat) -> None:
    sku = stock_up(1)
    order = buy_what_gets_lost(shop, Customer(shop), sku)
    saga = wait_for_state(shop, order, State.FAILED)
    receive(sku, 1, f"second-delivery-{sku}")
    clerk = signed_in(shop)
    form = clerk.resume_form(order)

    def press(_number: int) -> None:
        clerk.resume(form, "pressed by many")
        connections.close_all()

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(press, range(12)))

    wait_until_done(shop, [order])
    assert saga.attempts.filter(outcome=Attempt.Outcome.RESUMED).count() == 1
    assert captured(shop, order) == [order.total_minor]


def test_an_order_whose_mail_cannot_be_written_is_resumed_and_mailed_once(
    shop: LiveStack, chat: Chat
) -> None:
    # A file in place of the folder, so that no user can write mails.
    shutil.rmtree(shop.mail_dir, ignore_errors=True)
    shop.mail_dir.write_text("not a folder")
    customer = Customer(shop)
    try:
        order = customer.buy({stock_up(1): 1})
        saga = wait_for_state(shop, order, State.FAILED)
    finally:
        shop.mail_dir.unlink()

    assert saga.step == "send_confirmation"
    # The parcel does not wait for the mail, and the customer's page knows it.
    main_path = Saga.objects.main_paths().get(reference=order.number)
    assert (main_path.state, main_path.step) == (State.JOINING, "fulfil_order")
    out = Movement.objects.filter(reference=order.number, kind="ship_out")
    assert [line.quantity for line in out] == [-1]
    assert "Thank you. Your order is complete" in customer.order_page(order)
    assert wait_until(lambda: chat.about(order.number), "the chat has the alert")
    clerk = signed_in(shop)
    clerk.resume(clerk.resume_form(order), "the folder is back")

    wait_until_done(shop, [order])
    main_path.refresh_from_db()
    assert main_path.state == State.DONE
    assert len(confirmations(shop, order)) == 1
    assert captured(shop, order) == [order.total_minor]
