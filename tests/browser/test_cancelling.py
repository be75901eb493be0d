"""A customer asks to cancel a paid order, and staff decide, in Chromium."""

import re

import pytest
from playwright.sync_api import Page, expect

from inventory.models import StockItem
from orders.models import Cancellation, Order, Refund, Shipment
from tests.browser.clerks import bought, work_as
from tests.browser.shopper import OpenShopper, Shopper
from tests.support.browser import OpenPage
from tests.support.catalogue import stock_up
from tests.support.live import LiveStack
from tests.support.mail import body, queued_mails
from tests.support.sandbox_control import captured
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser


def ask_to_cancel(shopper: Shopper, order: Order, reason: str) -> None:
    """Ask on the order's page, as a customer does."""
    shopper.visit(f"/orders/{order.uid}/")
    shopper.press("a[href$='/cancel/']")
    shopper.page.fill("[name=reason]", reason)
    shopper.press("form.information button.primary")
    expect(shopper.page.locator("#cancel")).to_be_visible()
    shopper.look()


def decide_as(group: str, open_page: OpenPage, shop: LiveStack, order: Order) -> Page:
    """Go from the worklist to the decision. Return its page."""
    page = work_as(group, open_page, shop, order, "asks? to cancel an order")
    page.get_by_role("link", name=order.number).click()
    expect(page).to_have_url(re.compile(f"/{order.pk}/cancel/"))
    return page


def test_a_customer_asks_staff_accept_and_everything_goes_back(
    shop: LiveStack, open_shopper: OpenShopper, open_page: OpenPage
) -> None:
    sku = stock_up(5)
    order = bought(shop, sku)
    assert StockItem.objects.get(sku=sku).on_hand == 3
    shopper = open_shopper(width=360, javascript=False)
    ask_to_cancel(shopper, order, "Ordered twice.")
    expect(shopper.page.locator("#live")).to_contain_text("Your request to cancel")

    page = decide_as("Refunder", open_page, shop, order)
    expect(page.locator(".question")).to_contain_text("Ordered twice.")
    expect(page.locator(".effects")).to_contain_text(f"Will put 2 x {sku} back")
    page.locator(".submit-row input.default").click()
    expect(page.locator(".messagelist")).to_contain_text("It is being cancelled.")

    done = Cancellation.objects.filter(order=order, status="done")
    wait_until(done.exists, "the order is cancelled")
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert Shipment.objects.get(order=order).status == Shipment.Status.CALLED_OFF
    assert StockItem.objects.get(sku=sku).on_hand == 5
    refund = Refund.objects.get(payment__order=order)
    assert (refund.amount_minor, refund.status) == (order.total_minor, "succeeded")
    assert refund.actor == f"refunder-{order.number}".lower()
    assert captured(shop, order) == [order.total_minor]
    shopper.visit(f"/orders/{order.uid}/")
    expect(shopper.page.locator("h1")).to_have_text("Your order was cancelled")
    expect(shopper.page.locator("#live")).to_contain_text("your money was given back")
    (mail,) = wait_until(
        lambda: queued_mails(shop, order, "cancelled"), "the mail is sent"
    )
    assert "We have refunded" in body(mail, "plain")
    page.reload()
    expect(page.locator("#steps ~ ol.graph").last).to_contain_text("Stop the shipment")


def test_staff_decline_and_the_customer_reads_why(
    shop: LiveStack, open_shopper: OpenShopper, open_page: OpenPage
) -> None:
    order = bought(shop, stock_up(5))
    shopper = open_shopper(width=360)
    ask_to_cancel(shopper, order, "")

    page = decide_as("Operator", open_page, shop, order)
    expect(page.locator("#content-main")).to_contain_text("You may not refund")
    page.fill("[name=answer]", "Your mug is engraved already.")
    page.locator("input[name=decline]").click()
    expect(page.locator(".messagelist")).to_contain_text("The request is declined.")

    shopper.visit(f"/orders/{order.uid}/")
    expect(shopper.page.locator("blockquote")).to_have_text(
        "Your mug is engraved already."
    )
    expect(shopper.page.locator("#live")).to_contain_text("We pack your items")
    (mail,) = wait_until(
        lambda: queued_mails(shop, order, "cancel_declined"), "it is mailed"
    )
    assert "Your mug is engraved already." in body(mail, "plain")
    assert not Refund.objects.filter(payment__order=order).exists()
