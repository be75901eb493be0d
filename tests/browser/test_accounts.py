"""Customers with and without an account, in Chromium on the real processes."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Frame, Page, expect

from orders.models import Order
from tests.browser.shopper import MUG, OpenShopper, Shopper
from tests.support.customer import wait_until_done
from tests.support.live import LiveStack
from tests.support.mail import newest_text
from tests.support.promotions import make_code
from tests.support.sandbox_control import captured
from tests.support.shopping import RECIPIENT
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser

VISA = "4242424242424242"
MOST_TABS = 80
IS_FOCUSED = "what => document.activeElement.matches(what)"


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ja", 360)])
def test_a_customer_signs_up_buys_finds_the_order_and_asks_to_cancel(
    shop: LiveStack, open_shopper: OpenShopper, language: str, width: int
) -> None:
    shopper = open_shopper(language=language, width=width)
    page = shopper.page
    email = f"yuki-{language}@customer.example"
    shopper.visit("/account/sign-up/")
    page.fill("#id_email", email)
    shopper.press("main form button.primary")
    page.fill("#id_code", code_mailed(shop, email))
    shopper.press("main form button.primary")

    shopper.fill_cart(MUG)
    shopper.enter_information()
    shopper.pay(VISA)
    order = shopper.order()
    shopper.see_all_steps_done()
    wait_until_done(shop, [order])
    shopper.visit("/account/")
    shopper.press(f".my-order a[href*='{order.uid}'] >> nth=0")
    shopper.press("a[href$='/cancel/']")
    page.fill("[name=reason]", "Ordered twice.")
    shopper.press("form.information button.primary")

    expect(page.locator("#cancel")).to_be_visible()
    assert order.cancellations.get().reason == "Ordered twice."
    # The next user of the browser finds nothing of it.
    page.locator(".all-orders a[href='/account/']").click()
    page.locator(".account-nav form button").click()
    page.goto("/account/")
    expect(page).to_have_url(re.compile("/account/sign-in/"))


def code_mailed(shop: LiveStack, email: str) -> str:
    found = wait_until(
        lambda: re.search(r"^(\d{4} \d{4})$", newest_text(shop, email), re.MULTILINE),
        "the code is mailed",
    )
    return str(found[1])


def test_a_guest_buys_by_keyboard_with_a_coupon_and_finds_the_order(
    shop: LiveStack, open_shopper: OpenShopper
) -> None:
    code = make_code("BY-KEYS-10", most=5, name_en="By keys").code
    shopper = open_shopper()
    page = shopper.page
    shopper.visit(f"/p/{MUG}/")
    with page.expect_response("**/cart/add/"):
        press(page, ".add-to-cart button.primary")
    press(page, "a[href='/cart/']")
    page.wait_for_url("**/cart/")
    write(page, "#id_code", code)
    page.keyboard.press("Enter")
    expect(page.locator(".coupon .badge.ok")).to_be_visible()
    press(page, ".summary a.button.primary")
    page.wait_for_url("**/checkout/information/")
    enter_by_keys(page)
    page.wait_for_url("**/checkout/confirmation/")
    pay_by_keys(page)

    order = shopper.order()
    shopper.see_all_steps_done()
    wait_until_done(shop, [order])
    assert order.discount_minor > 0
    assert captured(shop, order) == [order.total_minor]
    find_again(shop, open_shopper(width=360), order)


def find_again(shop: LiveStack, shopper: Shopper, order: Order) -> None:
    """Find the order by number and mail address, in another browser."""
    page = shopper.page
    shopper.visit("/account/look-up/")
    page.fill("#id_number", order.number)
    page.fill("#id_email", order.email)
    shopper.press("main form button.primary")
    link = wait_until(
        lambda: re.search(
            r"http\S+/account/look-up/\S+", newest_text(shop, order.email)
        ),
        "the link is mailed",
    )
    page.goto(urlsplit(link[0]).path)
    expect(page).to_have_url(re.compile(str(order.uid)))
    expect(page.locator(".number")).to_contain_text(order.number)


def tab_to(page: Page | Frame, what: str, keys: Page) -> None:
    """Press Tab until the element of the CSS selector has the focus."""
    for _press in range(MOST_TABS):
        if page.evaluate(IS_FOCUSED, what):
            return
        keys.keyboard.press("Tab")
    message = f"{what} cannot be reached by Tab"
    raise AssertionError(message)


def press(page: Page, what: str) -> None:
    tab_to(page, what, page)
    page.keyboard.press("Enter")


def write(page: Page, what: str, text: str) -> None:
    tab_to(page, what, page)
    page.keyboard.type(text)


def enter_by_keys(page: Page) -> None:
    for name in ("email", "name", "phone", "postcode"):
        write(page, f"[name={name}]", RECIPIENT[name])
    write(page, "[name=prefecture]", "Tokyo")
    for name in ("city", "street"):
        write(page, f"[name={name}]", RECIPIENT[name])
    tab_to(page, "[name=delivery]", page)
    page.keyboard.press("Space")
    press(page, "form.information button.primary")


def pay_by_keys(page: Page) -> None:
    page.locator("iframe[data-testid=payment-element-frame]").wait_for()
    frame = next(each for each in page.frames if "/elements/payment" in each.url)
    frame.locator("#payment-numberInput").wait_for()
    for field, text in (("number", VISA), ("expiry", "1234"), ("cvc", "123")):
        tab_to(frame, f"#payment-{field}Input", page)
        page.keyboard.type(text)
    press(page, "[data-card-submit]")
