"""Capture at shipment, on the real processes: staff release and ship, or cancel."""

from inventory.models import StockItem
from orders.models import Order, Payment
from saga.models import State
from tests.support.catalogue import stock_up
from tests.support.clerk import signed_in
from tests.support.customer import Customer, saga_of, wait_for_state, wait_until_done
from tests.support.live import LiveStack
from tests.support.mail import body, confirmations, queued_mails
from tests.support.sandbox_control import captured, intents_of, move_clock
from tests.support.waiting import wait_until

WEEK_AND_A_DAY = 8 * 24 * 3600


def buy_accepted(shop: LiveStack, customer: Customer, sku: str) -> Order:
    """Order one of ``sku`` by card; return the order once it waits for its shipment."""
    order = customer.buy({sku: 1})
    wait_for_state(shop, order, State.WAITING)
    assert saga_of(order).waiting_for == "shipment"
    return order


def test_an_order_is_charged_when_staff_release_it_and_then_shipped(
    shop: LiveStack,
) -> None:
    sku = stock_up(1)
    customer = Customer(shop)
    order = buy_accepted(shop, customer, sku)

    assert "We have accepted your order" in customer.order_page(order)
    (mail,) = wait_until(lambda: queued_mails(shop, order, "received"), "it is mailed")
    assert "charged when we ship" in body(mail, "plain")
    assert captured(shop, order) == []
    assert confirmations(shop, order) == []

    clerk = signed_in(shop)
    address = f"/admin/orders/order/{order.pk}/"
    assert f"{address}release/" in clerk.get(f"{address}change/").text
    assert "Will charge" in clerk.get(f"{address}release/").text
    clerk.post(f"{address}release/", {})

    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]
    assert StockItem.objects.get(sku=sku).on_hand == 0
    wait_until(lambda: confirmations(shop, order), "it is confirmed by mail")

    clerk.post(f"{address}ship/", {"carrier": "yamato", "tracking_number": "123-456"})

    order.refresh_from_db()
    assert order.status == Order.Status.SHIPPED
    (mail,) = wait_until(lambda: queued_mails(shop, order, "shipped"), "it is mailed")
    for text in (body(mail, "plain"), body(mail, "html"), customer.order_page(order)):
        assert "123-456" in text
        assert "kuronekoyamato" in text


def test_the_command_releases_as_well(shop: LiveStack) -> None:
    order = buy_accepted(shop, Customer(shop), stock_up(1))

    (row,) = shop.manage_json("order_release", order.number)

    assert row["said"] == "released"
    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]


def test_an_approval_that_lapses_at_the_bank_ends_the_order(shop: LiveStack) -> None:
    sku = stock_up(1)
    customer = Customer(shop)
    order = buy_accepted(shop, customer, sku)
    payment = Payment.objects.get(order=order)
    assert payment.capture_before is not None

    move_clock(shop, WEEK_AND_A_DAY)
    move_clock(shop, -WEEK_AND_A_DAY)

    wait_for_state(shop, order, State.COMPENSATED)
    order.refresh_from_db()
    assert order.cancel_reason == Order.CancelReason.LAPSED
    assert StockItem.objects.get(sku=sku).free == 1
    assert [intent["status"] for intent in intents_of(shop, order)] == ["canceled"]
    assert "approval of the payment has lapsed" in customer.order_page(order)
    assert wait_until(lambda: queued_mails(shop, order, "cancelled"), "it is mailed")


def test_staff_may_cancel_while_it_waits(shop: LiveStack) -> None:
    sku = stock_up(1)
    order = buy_accepted(shop, Customer(shop), sku)

    shop.manage("saga_cancel", order.number, "--reason", "the customer called")

    wait_for_state(shop, order, State.COMPENSATED)
    assert captured(shop, order) == []
    assert StockItem.objects.get(sku=sku).free == 1
