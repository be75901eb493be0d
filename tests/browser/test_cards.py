"""Every card of Stripe's public list of test cards, typed into the form in Chromium."""

import re

import pytest
from django.conf import settings
from django.utils import translation
from playwright.sync_api import BrowserContext, Page, expect

from checkout.payments import declines
from orders.models import Order, Payment
from sandboxes.stripe.cards import CARDS, Card
from tests.browser.shopper import CHALLENGE_FRAME, Shopper
from tests.support.browser import OpenPage
from tests.support.catalogue import stock_up
from tests.support.customer import Customer, wait_until_done
from tests.support.live import LiveStack
from tests.support.sandbox_control import captured, intents_of

pytestmark = pytest.mark.browser

VISA = "4242424242424242"
NO_TEST_CARD = "4000000000000010"
ACCEPTED = [card for card in CARDS if not (card.decline or card.challenge)]
DECLINED = [card for card in CARDS if card.decline and not card.challenge]
ASKED_ABOUT = [card for card in CARDS if card.challenge]
ANOTHER_CARD = "Your card was not accepted"


@pytest.fixture
def window(shop: LiveStack, open_page: OpenPage) -> BrowserContext:
    return open_page(base_url=shop.url).context


def said_of(card: Card) -> str:
    """Return the text that a customer reads after a decline."""
    with translation.override("en"):
        return declines.explain(declines.kind_of(card.decline or ""))


def at_the_till(shop: LiveStack, window: BrowserContext, sku: str) -> Shopper:
    """Bring a new customer to the confirmation without checking the pages before."""
    customer = Customer(shop)
    customer.fill_cart({sku: 1})
    customer.go_to_confirmation()
    for page in window.pages:  # the last customer's, which may be turning to another
        page.close()
    window.clear_cookies()
    for name, value in customer.session.cookies.items():
        window.add_cookies([{"name": name, "value": value, "url": shop.url}])
    page = window.new_page()
    page.goto("/checkout/confirmation/")
    return Shopper(page)


def batched(cards: list[Card], size: int) -> list[list[Card]]:
    return [cards[start : start + size] for start in range(0, len(cards), size)]


def expect_refusal(page: Page, words: str) -> None:
    expect(page.locator("h1")).to_have_text(ANOTHER_CARD)
    expect(page.locator(".lede")).to_contain_text(words)


def assert_charged_once(shop: LiveStack, orders: list[Order]) -> None:
    wait_until_done(shop, orders)
    for order in orders:
        assert captured(shop, order) == [order.total_minor]
        assert len(intents_of(shop, order)) == 1


def test_every_card_of_the_list_is_tested() -> None:
    assert len(ACCEPTED) + len(DECLINED) + len(ASKED_ABOUT) == len(CARDS)
    assert {len(ACCEPTED) > 20, len(DECLINED) > 8, len(ASKED_ABOUT) > 4} == {True}


def test_cards_that_are_accepted_are_charged_once(
    shop: LiveStack, window: BrowserContext
) -> None:
    sku = stock_up(len(ACCEPTED))
    bought = {}
    for card in ACCEPTED:
        shopper = at_the_till(shop, window, sku)
        shopper.type_card(card.number)
        bought[card.number] = shopper.order()

    assert_charged_once(shop, list(bought.values()))
    for card in ACCEPTED:
        payment = Payment.objects.get(order=bought[card.number])
        seen = (payment.card_brand, payment.card_last4)
        assert seen == (card.brand, card.number[-4:])


def test_after_a_declined_card_another_card_is_charged(
    shop: LiveStack, window: BrowserContext
) -> None:
    sku = stock_up(len(DECLINED))
    orders = []
    for cards in batched(DECLINED, settings.CARD_TRIES - 1):
        shopper = at_the_till(shop, window, sku)
        for card in cards:
            shopper.type_card(card.number)
            expect_refusal(shopper.page, said_of(card))
        orders.append(shopper.order())
        shopper.type_card(VISA)
        expect(shopper.page.locator("h1")).not_to_have_text(ANOTHER_CARD)

    assert_charged_once(shop, orders)


def test_cards_whose_bank_asks_wait_for_its_answer(
    shop: LiveStack, window: BrowserContext
) -> None:
    sku = stock_up(len(ASKED_ABOUT))
    orders = []
    for card in ASKED_ABOUT:
        shopper = at_the_till(shop, window, sku)
        shopper.type_card(card.number)
        orders.append(shopper.order())
        challenge = shopper.page.frame_locator(CHALLENGE_FRAME)
        challenge.locator("#challenge-complete").click()
        expect(shopper.page.locator(CHALLENGE_FRAME)).to_have_count(0)
        if card.decline:
            expect_refusal(shopper.page, said_of(card))
            shopper.type_card(VISA)
            expect(shopper.page.locator("h1")).not_to_have_text(ANOTHER_CARD)

    assert_charged_once(shop, orders)


def test_a_wallet_is_charged_once_as_a_card(
    shop: LiveStack, window: BrowserContext
) -> None:
    desk = window.new_page()
    desk.goto(shop.sandbox_url)
    desk.select_option("#wallet", "google_pay")
    shopper = at_the_till(shop, window, stock_up(1))
    shopper.choose_wallet()

    order = shopper.order()
    assert_charged_once(shop, [order])
    payment = Payment.objects.get(order=order)
    assert (payment.card_brand, payment.card_last4) == ("visa", "4242")


def test_a_card_that_is_not_on_the_list_is_refused(
    shop: LiveStack, window: BrowserContext
) -> None:
    shopper = at_the_till(shop, window, stock_up(1))
    shopper.type_card(NO_TEST_CARD)

    order = shopper.order()
    expect(shopper.page.locator("#live")).to_contain_text(
        re.compile("only simulates payments")
    )
    shopper.type_card(VISA)
    assert_charged_once(shop, [order])
