"""Buying in Chromium, on the real processes, with the card form in its frame."""

import re

import pytest
from playwright.sync_api import Page, expect

from orders.models import Order
from saga.models import State
from tests.browser.shopper import CHALLENGE_FRAME, MUG, OpenShopper
from tests.support.customer import wait_for_state, wait_until_done
from tests.support.leaks import find_leaks, read_tables
from tests.support.live import LiveStack
from tests.support.mail import body, confirmations
from tests.support.sandbox_control import captured, intents_of, plan_fault

pytestmark = pytest.mark.browser

VISA = "4242424242424242"
SHORT_OF_FUNDS = "4000000000009995"
ASKS_THE_BANK = "4000002500003155"
NOT_YOU = "Your bank could not make sure that it was you."


def test_a_japanese_customer_buys_a_mug_and_watches_it_being_done(
    shop: LiveStack, open_shopper: OpenShopper
) -> None:
    # Slow enough for the eye: the steps are seen under way before they are done.
    plan_fault(shop, operation="confirm", kind="delay", seconds=1.5)
    shopper = open_shopper(language="ja")
    page = shopper.page
    shopper.visit("/")
    expect(page.locator("html")).to_have_attribute("lang", "ja")

    shopper.fill_cart(MUG)
    shopper.enter_information()
    amount = page.locator("[data-card-form]").get_attribute("data-amount")
    expect(page.locator("[data-card-submit]")).to_contain_text(f"{int(amount or 0):,}")
    shopper.pay(VISA)

    order = shopper.order()
    expect(page.locator(".progress-step.done")).to_have_count(1)
    expect(page.locator(".progress-step.active")).to_have_count(1)
    shopper.look()
    shopper.see_all_steps_done()
    expect(page.locator("h1")).to_have_text(
        "ありがとうございます。ご注文が完了しました"
    )
    expect(page.locator(".number")).to_contain_text(order.number)
    wait_until_done(shop, [order])
    assert str(order.total_minor) == amount
    assert captured(shop, order) == [order.total_minor]
    (mail,) = confirmations(shop, order)
    assert order.number in body(mail, "plain")
    page.reload()
    shopper.see_all_steps_done()


def test_on_a_phone_a_refused_card_is_followed_by_one_that_works(
    shop: LiveStack, open_shopper: OpenShopper
) -> None:
    shopper = open_shopper(width=360)
    page = shopper.page
    for path in ("/", "/goods/?sort=newest", "/search/?q=mug"):
        shopper.visit(path)
    shopper.fill_cart(MUG)
    shopper.enter_information()
    shopper.pay(SHORT_OF_FUNDS)

    order = shopper.order()
    expect(page.locator("h1")).to_have_text("Your card was not accepted")
    expect(page.locator(".lede")).to_contain_text("Insufficient funds")
    shopper.look()
    shopper.pay(VISA)

    shopper.see_all_steps_done()
    wait_until_done(shop, [order])
    assert len(intents_of(shop, order)) == 1
    assert captured(shop, order) == [order.total_minor]


def test_the_bank_s_question_opens_by_itself_and_its_answer_completes_the_order(
    shop: LiveStack, open_shopper: OpenShopper
) -> None:
    shopper = open_shopper(width=360)
    page = shopper.page
    shopper.fill_cart(MUG)
    shopper.enter_information()
    shopper.pay(ASKS_THE_BANK)

    order = shopper.order()
    page.frame_locator(CHALLENGE_FRAME).locator("#challenge-complete").click()

    shopper.see_all_steps_done()
    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]


def test_a_question_of_the_bank_that_is_failed_is_asked_again_with_the_next_card(
    shop: LiveStack, open_shopper: OpenShopper
) -> None:
    shopper = open_shopper()
    page = shopper.page
    shopper.fill_cart(MUG)
    shopper.enter_information()
    shopper.pay(ASKS_THE_BANK)

    order = shopper.order()
    page.frame_locator(CHALLENGE_FRAME).locator("#challenge-fail").click()

    expect(page.locator("h1")).to_have_text("Your card was not accepted")
    expect(page.locator(".lede")).to_contain_text(NOT_YOU)
    assert captured(shop, order) == []
    shopper.pay(ASKS_THE_BANK)
    # By itself again: it is another question, though of the same bank.
    page.frame_locator(CHALLENGE_FRAME).locator("#challenge-complete").click()
    shopper.see_all_steps_done()
    wait_until_done(shop, [order])


def test_a_customer_who_cannot_answer_the_bank_pays_with_another_card(
    shop: LiveStack, open_shopper: OpenShopper
) -> None:
    shopper = open_shopper(width=360)
    page = shopper.page
    shopper.fill_cart(MUG)
    shopper.enter_information()
    shopper.pay(ASKS_THE_BANK)
    order = shopper.order()
    page.frame_locator(CHALLENGE_FRAME).locator("#challenge-complete").wait_for()
    page.reload()

    page.locator("details.other-card summary").click()
    shopper.pay(VISA)

    shopper.see_all_steps_done()
    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]
    numbers = [VISA, ASKS_THE_BANK]
    assert find_leaks(numbers, read_tables()) == []
    assert find_leaks(numbers, [("the log", shop.log.read_text())]) == []


def test_back_after_the_purchase_leads_to_the_same_order(
    shop: LiveStack, open_shopper: OpenShopper
) -> None:
    shopper = open_shopper()
    page = shopper.page
    shopper.fill_cart(MUG)
    shopper.enter_information()
    shopper.pay(VISA)
    order = shopper.order()
    wait_for_state(shop, order, State.DONE)
    before = Order.objects.count()

    page.goto("/checkout/confirmation/")

    expect(page).to_have_url(re.compile(f"/orders/{order.uid}/"))
    shopper.see_all_steps_done()
    assert Order.objects.count() == before


def pay_on_page(page: Page, number: str) -> None:
    """Try a card on the provider's own page."""
    page.wait_for_url("**/c/pay/**")
    page.fill("[name=number]", number)
    page.fill("[name=expiry]", "12/34")
    page.fill("[name=cvc]", "123")
    page.locator("form .main").click()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_without_javascript_a_customer_buys_on_the_providers_page(
    shop: LiveStack, open_shopper: OpenShopper, language: str
) -> None:
    shopper = open_shopper(javascript=False, width=360, language=language)
    page = shopper.page
    shopper.fill_cart(MUG)
    shopper.enter_information()
    # No button that could only disappoint.
    expect(page.locator("[data-card-submit]")).to_be_hidden()
    page.locator("[name=on_page]").click()

    for number in (SHORT_OF_FUNDS, ASKS_THE_BANK):
        pay_on_page(page, number)
        if number == SHORT_OF_FUNDS:
            expect(page.locator("[role=alert]")).to_contain_text("insufficient funds")
    page.locator("[value=complete]").click()

    order = shopper.order()
    expect(page.locator("#live.done")).to_be_visible()
    shopper.look()
    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]
    assert len(intents_of(shop, order)) == 1


def test_a_browser_that_cannot_load_the_card_form_buys_on_the_providers_page(
    shop: LiveStack, open_shopper: OpenShopper
) -> None:
    shopper = open_shopper()
    page = shopper.page
    empty = {"body": "", "content_type": "text/javascript"}
    page.route("**/v3/", lambda route: route.fulfill(**empty))
    shopper.fill_cart(MUG)
    shopper.enter_information()
    page.locator("[name=on_page]").click()
    page.wait_for_url("**/c/pay/**")
    # Left, and found again on the order's page.
    order = Order.objects.latest("pk")
    shopper.visit(f"/orders/{order.uid}/")
    expect(page.locator("#live.needs_page")).to_be_visible()
    page.locator("#live .button.primary").click()
    pay_on_page(page, VISA)
    shopper.see_all_steps_done()
    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]
