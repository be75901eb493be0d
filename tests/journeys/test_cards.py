"""Every card of Stripe's public list of test cards, typed into the form."""

import pytest
from django.utils import translation

from checkout import declines
from orders.models import Order, Payment
from stripe_sandbox.cards import CARDS, Card
from tests.ground.live import LiveStack
from tests.ground.waiting import wait_until
from tests.journeys.customer import Customer, wait_until_done
from tests.journeys.goods import stock_up
from tests.journeys.sandbox import answer_challenge, captured, intents_of, type_card

VISA = "pm_card_visa"
ACCEPTED = [card for card in CARDS if not (card.decline or card.challenge)]
DECLINED = [card for card in CARDS if card.decline and not card.challenge]
ASKED_ABOUT = [card for card in CARDS if card.challenge]
ASKS = "Your bank wants to make sure it is you"
NOT_YOU = "Your bank could not make sure that it was you."


def said_of(card: Card) -> str:
    """Return what its customer reads of a decline."""
    with translation.override("en"):
        return declines.words(declines.kind_of(card.decline or ""))


def test_no_card_of_the_list_is_left_out() -> None:
    assert len(ACCEPTED) + len(DECLINED) + len(ASKED_ABOUT) == len(CARDS)
    assert {len(ACCEPTED) > 20, len(DECLINED) > 8, len(ASKED_ABOUT) > 4} == {True}


def test_cards_that_are_accepted_are_charged_once(shop: LiveStack) -> None:
    sku = stock_up(len(ACCEPTED))
    bought = {
        card.number: Customer(shop).buy({sku: 1}, type_card(shop, card.number))
        for card in ACCEPTED
    }

    wait_until_done(shop, list(bought.values()))

    for card in ACCEPTED:
        order = bought[card.number]
        assert captured(shop, order) == [order.total_minor], card
        payment = Payment.objects.get(order=order)
        seen = (payment.card_brand, payment.card_last4)
        assert seen == (card.brand, card.number[-4:])


def test_cards_that_are_declined_are_told_in_plain_words_and_followed_by_another(
    shop: LiveStack,
) -> None:
    sku = stock_up(len(DECLINED))
    orders = []
    for card in DECLINED:
        customer = Customer(shop)
        order = customer.buy({sku: 1}, type_card(shop, card.number))
        wait_until_read(customer, order, said_of(card))
        assert captured(shop, order) == []
        customer.try_card(order, VISA)
        orders.append(order)

    wait_until_done(shop, orders)

    for order in orders:
        assert captured(shop, order) == [order.total_minor]
        assert len(intents_of(shop, order)) == 1


def wait_until_read(customer: Customer, order: Order, words: str) -> None:
    """See the words on the order's page; not while the saga just looks again."""
    wait_until(lambda: words in customer.order_page(order), words)


@pytest.mark.parametrize("card", ASKED_ABOUT, ids=lambda card: card.number)
def test_cards_whose_bank_asks_wait_for_its_word(shop: LiveStack, card: Card) -> None:
    sku = stock_up(2)
    passed, failed = Customer(shop), Customer(shop)
    orders = [
        customer.buy({sku: 1}, type_card(shop, card.number))
        for customer in (passed, failed)
    ]
    for order in orders:
        wait_until_read(passed, order, ASKS)

    answer_challenge(shop, orders[0], "complete")
    answer_challenge(shop, orders[1], "fail")

    wait_until_read(failed, orders[1], NOT_YOU)
    failed.try_card(orders[1], VISA)
    if card.decline:
        wait_until_read(passed, orders[0], said_of(card))
        passed.try_card(orders[0], VISA)
    wait_until_done(shop, orders)
    for order in orders:
        assert captured(shop, order) == [order.total_minor]


def test_a_card_that_is_none_of_the_list_is_said_to_be_no_test_card(
    shop: LiveStack,
) -> None:
    customer = Customer(shop)

    order = customer.buy({stock_up(1): 1}, type_card(shop, "4000000000000010"))

    wait_until_read(customer, order, "This shop only simulates payments")
    customer.try_card(order, VISA)
    wait_until_done(shop, [order])


def test_instead_of_the_bank_s_question_another_card_can_be_taken(
    shop: LiveStack,
) -> None:
    customer = Customer(shop)
    order = customer.buy({stock_up(1): 1}, type_card(shop, "4000002760003184"))
    wait_until_read(customer, order, "Pay with another card instead")

    customer.try_card(order, VISA)

    wait_until_done(shop, [order])
    assert len(intents_of(shop, order)) == 1
    assert captured(shop, order) == [order.total_minor]
