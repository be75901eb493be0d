"""Choosing konbini in the card form's frame, in Chromium, and paying at the store."""

import pytest
from playwright.sync_api import expect

from tests.browser.shopper import CARD_FRAME, MUG, Shopper
from tests.support.browser import OpenPage
from tests.support.customer import wait_until_done
from tests.support.live import LiveStack
from tests.support.sandbox_control import captured

pytestmark = pytest.mark.browser


def test_a_customer_chooses_konbini_and_pays_on_the_voucher_s_page(
    shop: LiveStack, open_page: OpenPage
) -> None:
    shopper = Shopper(open_page(base_url=shop.url, width=360, language="ja"))
    page = shopper.page
    shopper.fill_cart(MUG)
    shopper.enter_information()
    form = page.frame_locator(CARD_FRAME)
    form.locator("#payment-type-konbini").check()
    expect(form.locator("#payment-emailInput")).to_have_value("hanako@customer.example")
    shopper.look()
    page.locator("[data-card-submit]").click()

    order = shopper.order()
    expect(page.locator("h1")).to_have_text("コンビニでお支払いください")
    expect(page.locator(".progress-step.needs_you")).to_have_count(1)
    shopper.look()
    with page.expect_popup() as opened:
        page.locator(".live-text a.button").click()
    opened.value.locator("#voucher-pay").click()
    expect(opened.value.locator("#voucher-pay")).to_be_hidden()

    # The page polls; the customer need not reload it.
    done = "ありがとうございます。ご注文が完了しました"
    expect(page.locator("h1")).to_have_text(done, timeout=40_000)
    shopper.see_all_steps_done()
    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]
