"""A customer returns an item, and staff approve, receive and refund it, in Chromium."""

import re

import pytest
from playwright.sync_api import Page, expect

from inventory.models import Movement, StockItem
from orders.models import Order, Refund, Return
from tests.browser.clerks import bought, work_as
from tests.browser.shopper import OpenShopper, Shopper
from tests.support.browser import OpenPage
from tests.support.catalogue import stock_up
from tests.support.live import LiveStack
from tests.support.mail import body, queued_mails
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser


def ask_to_return(shopper: Shopper, order: Order) -> None:
    """Ask on the order's page for both units, as a customer does."""
    shopper.visit(f"/orders/{order.uid}/")
    shopper.press(".returns a[href$='/returns/']")
    shopper.page.fill("[name^=units_]", "2")
    shopper.page.select_option("[name=reason]", "damaged")
    shopper.page.fill("[name=comment]", "One handle is off.")
    shopper.press("form.information button.primary")
    expect(shopper.page.locator(".returns")).to_contain_text("You asked to return")


def act(page: Page, name: str) -> None:
    """Open an action of the return's page."""
    page.get_by_role("link", name=name, exact=True).click()


def confirm(page: Page, says: str) -> None:
    page.locator(".submit-row input.default").click()
    expect(page.locator(".messagelist")).to_contain_text(says)


def mail_of(shop: LiveStack, order: Order, kind: str) -> str:
    (mail,) = wait_until(lambda: queued_mails(shop, order, kind), f"{kind} is mailed")
    return str(body(mail, "plain"))


def approve(page: Page, order: Order) -> None:
    """Open the return from the list, and approve it with words."""
    row = page.get_by_role("row").filter(has_text=order.number)
    row.get_by_role("link").first.click()
    expect(page.locator("#content-main")).to_contain_text("One handle is off.")
    act(page, "Approve the return")
    page.fill("[name=answer]", "Please keep the box.")
    confirm(page, "The return is approved.")


def receive(page: Page) -> None:
    """Record a parcel with one unit to sell, and one for the bin."""
    act(page, "The parcel has arrived")
    page.locator("[name^=restocked_]").fill("1")
    page.locator("[name^=scrapped_]").fill("1")
    confirm(page, "The parcel is recorded.")


def refunded(order: Order) -> Refund:
    """Wait until the provider has the order's refund, and return it."""
    made = Refund.objects.filter(payment__order=order)
    wait_until(made.filter(status="succeeded").exists, "the refund is made")
    return made.get()


def ledger_of(order: Order) -> list[tuple[str, int]]:
    rows = Movement.objects.filter(reference__startswith=f"{order.number} return")
    return sorted(rows.values_list("kind", "quantity"))


@pytest.mark.parametrize(("width", "javascript"), [(360, False), (1280, True)])
def test_from_the_wish_to_the_money(
    shop: LiveStack,
    open_shopper: OpenShopper,
    open_page: OpenPage,
    width: int,
    javascript: bool,
) -> None:
    sku = stock_up(5)
    order = bought(shop, sku)
    shop.manage(
        "order_shipped", order.number, "--carrier", "yamato", "--tracking", "1234"
    )
    shopper = open_shopper(width=width, javascript=javascript)
    ask_to_return(shopper, order)
    assert "Please do not send anything" in mail_of(shop, order, "return_requested")

    page = work_as("Refunder", open_page, shop, order, "asks? to return items")
    approve(page, order)
    assert "Please keep the box." in mail_of(shop, order, "return_approved")
    shopper.visit(f"/orders/{order.uid}/")
    expect(shopper.page.locator(".returns")).to_contain_text("We pay the postage")

    receive(page)
    assert StockItem.objects.get(sku=sku).on_hand == 4
    assert ledger_of(order) == [("return", 2), ("scrap", -1)]
    assert not Refund.objects.filter(payment__order=order).exists()
    assert "Our staff check it" in mail_of(shop, order, "return_received")

    act(page, "Refund")
    confirm_refund(page)
    refund = refunded(order)
    assert refund.amount_minor == order.subtotal_minor
    assert refund.actor == f"refunder-{order.number}".lower()
    returned = Return.objects.get(order=order)
    assert (returned.status, returned.refund_id) == ("closed", refund.pk)
    assert StockItem.objects.get(sku=sku).on_hand == 4
    assert "we have refunded" in mail_of(shop, order, "refunded")
    shopper.visit(f"/orders/{order.uid}/")
    expect(shopper.page.locator(".returns")).to_contain_text("We refunded")


def test_the_same_items_are_sent_again_and_no_money_moves(
    shop: LiveStack, open_shopper: OpenShopper, open_page: OpenPage
) -> None:
    sku = stock_up(5)
    order = bought(shop, sku)
    shop.manage(
        "order_shipped", order.number, "--carrier", "yamato", "--tracking", "1234"
    )
    shopper = open_shopper(width=360)
    ask_to_return(shopper, order)
    page = work_as("Operator", open_page, shop, order, "asks? to return items")
    approve(page, order)
    receive(page)

    act(page, "Send the same items again")
    confirm(page, "The items are taken from stock.")
    assert StockItem.objects.get(sku=sku).on_hand == 2
    assert "send the same items again" in mail_of(shop, order, "return_exchanged")
    act(page, "Mark as sent or handed over")
    page.select_option("[name=carrier]", "sagawa")
    page.fill("[name=tracking_number]", "40-1234")
    confirm(page, "The exchange is recorded.")

    assert "40-1234" in mail_of(shop, order, "return_sent")
    returned = Return.objects.get(order=order)
    assert (returned.status, returned.refund) == ("closed", None)
    assert not Refund.objects.filter(payment__order=order).exists()
    assert StockItem.objects.get(sku=sku).on_hand == 2
    shopper.visit(f"/orders/{order.uid}/")
    own = shopper.page.locator(".returns")
    expect(own).to_contain_text("Your exchange is on its way")
    expect(own.get_by_role("link", name="40-1234")).to_be_visible()
    shopper.look()


def confirm_refund(page: Page) -> None:
    """Type the amount that is offered, as the page of refunds asks."""
    amount = page.input_value("[name=amount]")
    page.locator(".submit-row input.default").click()
    expect(page.locator(".effects")).to_contain_text("Will not touch the stock.")
    page.fill("[name=typed]", amount)
    page.locator(".submit-row input.default").click()
    expect(page.locator(".messagelist")).to_contain_text(re.compile("being refunded"))
