"""Information entry in Chromium: what is filled in, suggested, and kept."""

import re

import pytest
from playwright.sync_api import Page, expect

from orders.models import Order
from tests.browser.shopper import MUG, OpenShopper, Shopper
from tests.support.live import LiveStack
from tests.support.shopping import INFORMATION, RECIPIENT

pytestmark = pytest.mark.browser


def enter(open_shopper: OpenShopper, **look: object) -> Shopper:
    shopper = open_shopper(**look)
    shopper.fill_cart(MUG)
    shopper.visit(INFORMATION)
    return shopper


def see_address(page: Page, prefecture: str, city: str, street: str) -> None:
    expect(page.locator("[name=prefecture]")).to_have_value(prefecture)
    expect(page.locator("[name=city]")).to_have_value(city)
    expect(page.locator("[name=street]")).to_have_value(street)


def test_a_postcode_fills_in_the_address_on_a_phone(
    shop: LiveStack, open_shopper: OpenShopper
) -> None:
    shopper = enter(open_shopper, language="ja", width=320)
    page = shopper.page
    page.fill("[name=postcode]", "１０６００３１")  # noqa: RUF001
    page.press("[name=postcode]", "Tab")

    see_address(page, "tokyo", "港区", "西麻布")
    expect(page.locator("#filled")).to_have_text(
        re.compile("東京都港区西麻布 を入力しました")
    )
    page.fill("[name=postcode]", "530-0001")
    page.press("[name=postcode]", "Tab")
    expect(page.locator("#filled")).to_contain_text("東京都が選択されています")
    see_address(page, "tokyo", "港区", "西麻布")
    shopper.look()
    page.locator(".wishes summary").click()
    page.check("[name=has_billing]")
    expect(page.locator("[name=billing_city]")).to_be_visible()
    shopper.look()
    page.click("#filled button")
    expect(page.locator("[name=prefecture]")).to_have_value("osaka")
    shopper.look()


def test_what_is_typed_meanwhile_is_not_overwritten(
    shop: LiveStack, open_shopper: OpenShopper
) -> None:
    page = enter(open_shopper).page
    page.fill("[name=postcode]", "106-0031")
    with page.expect_response(f"**{INFORMATION}"):
        # The answer is on its way when the street is typed.
        page.evaluate(
            """() => {
                const change = new Event("change", { bubbles: true });
                document.querySelector("[name=postcode]").dispatchEvent(change);
                document.querySelector("[name=street]").value = "西麻布1-2-3";
            }"""
        )

    see_address(page, "tokyo", "港区", "西麻布1-2-3")


def test_a_mistyped_mail_domain_is_put_right_with_one_press(
    shop: LiveStack, open_shopper: OpenShopper
) -> None:
    shopper = enter(open_shopper, language="ja")
    page = shopper.page
    page.fill("[name=email]", "hanako@gmial.com")
    page.press("[name=email]", "Tab")
    expect(page.locator("#suggestion")).to_contain_text(
        "hanako@gmail.com ではありませんか"
    )
    shopper.look()

    page.click("#suggestion button")

    expect(page.locator("[name=email]")).to_have_value("hanako@gmail.com")
    expect(page.locator("#suggestion")).to_be_empty()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_language_switch_keeps_what_was_typed_and_enter_goes_on(
    shop: LiveStack, open_shopper: OpenShopper, *, javascript: bool
) -> None:
    shopper = enter_without_scripts(open_shopper) if not javascript else None
    shopper = shopper or enter(open_shopper)
    page = shopper.page
    for name, value in RECIPIENT.items():
        if name == "prefecture":
            page.select_option(f"[name={name}]", value)
        elif name != "delivery":
            page.fill(f"[name={name}]", value)
    page.locator(".wishes summary").click()
    page.check("[name=gift][value=plain]")
    page.fill("[name=gift_message]", "おめでとう")

    page.click(".checkout-header [name=language][value=ja]")

    expect(page.locator("h1")).to_have_text("お客様情報の入力")
    expect(page.locator("[name=gift_message]")).to_have_value("おめでとう")
    shopper.look()
    page.press("[name=name]", "Enter")
    page.wait_for_url("**/checkout/confirmation/")
    expect(page.locator("#recipient")).to_be_visible()
    expect(page.get_by_text("おめでとう")).to_be_visible()
    shopper.look()
    assert not Order.objects.filter(gift_message="おめでとう").exists()


def enter_without_scripts(open_shopper: OpenShopper) -> Shopper:
    """Put the mug into the cart by a form, which leads to the cart."""
    shopper = open_shopper(javascript=False)
    shopper.visit(f"/p/{MUG}/")
    shopper.press(".add-to-cart button.primary")
    shopper.visit(INFORMATION)
    return shopper
