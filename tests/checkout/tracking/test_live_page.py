"""The order's page: every outcome, and what the customer can do."""

from collections.abc import Callable, Iterator
from typing import cast
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.cart import services as carts
from checkout.payments.gateway import (
    Intent,
    IntentStatus,
    OutcomeUnknownError,
    get_gateway,
)
from inventory.services import adjust
from orders import transitions
from orders.models import Order
from saga.models import Direction, Saga, State
from shop.catalogue.models import Product
from tests.support.shopping import (
    CONFIRMATION,
    complete,
    fill_and_inform,
    purchase_form,
    set_saga,
    text_of,
    wait_for_card,
)


class AskingBank:
    """A provider whose bank asks the customer."""

    def __init__(self) -> None:
        self.asked = 0

    def retrieve(self, intent_id: str) -> Intent:
        self.asked += 1
        if intent_id == "pi_unreachable":
            message = "no answer"
            raise OutcomeUnknownError(message)
        return Intent(
            id=intent_id,
            status=IntentStatus.NEEDS_CUSTOMER,
            amount=4200,
            received=0,
            currency="jpy",
            client_secret=f"{intent_id}_secret_1",
        )


@pytest.fixture
def bank(settings: Settings) -> Iterator[None]:
    settings.PAYMENT_GATEWAY = f"{__name__}.AskingBank"
    get_gateway.cache_clear()
    yield
    get_gateway.cache_clear()


def page_of(client: Client, order: Order) -> str:
    answer = client.get(f"/orders/{order.uid}/")
    assert answer.status_code == 200
    return text_of(answer)


def wait_for_challenge(order: Order, intent: str = "pi_1") -> None:
    transitions.record_intent(order.payment, intent)
    set_saga(
        order, step="authorize_payment", state=State.WAITING, waiting_for="challenge"
    )


def test_an_unknown_order_is_not_found(client: Client, db: None) -> None:
    for tail in ("", "progress/", "stream/", "return/"):
        assert client.get(f"/orders/{uuid4()}/{tail}").status_code == 404


def test_a_fresh_order_shows_its_steps_and_what_was_bought(
    client: Client, order: Order
) -> None:
    page = page_of(client, order)
    assert "<h1>We are processing your order</h1>" in page
    assert "Processing your order" in page[page.index("<title>") :][:100]
    assert page.count('class="progress-step ') == 3
    assert 'class="progress-step active"' in page
    assert "Items reserved" in page
    assert "In progress" in page
    assert order.number in page
    assert "¥4,200" in page
    assert 'role="status"' in page
    assert '<meta http-equiv="refresh" content="4">' in page


def test_a_retry_is_shown_without_the_error(client: Client, order: Order) -> None:
    set_saga(order, error_kind="retry", error="ConnectionResetError: 10.0.0.7:5432")
    page = page_of(client, order)
    assert "This is taking a little longer" in page
    assert "Trying again" in page
    assert "ConnectionResetError" not in page


def test_an_unknown_outcome_is_checked_with_the_bank(
    client: Client, order: Order
) -> None:
    set_saga(order, step="capture_payment", error_kind="unknown", error="timeout")
    page = page_of(client, order)
    assert "We are checking with your bank" in page
    assert "you are never charged twice" in page


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("insufficient_funds", "Insufficient funds."),
        ("expired_card", "This card has expired."),
        ("incorrect_cvc", "The security code did not match"),
        ("stolen_card", "declined this card without giving a reason"),
        ("authentication_failed", "Your bank could not make sure that it was you."),
    ],
)
def test_a_decline_is_explained_in_plain_words_with_the_deadline(
    client: Client, order: Order, code: str, words: str
) -> None:
    wait_for_card(order, code)
    page = page_of(client, order)
    assert "<h1>Your card was not accepted</h1>" in page
    assert words in page
    assert "Nothing was charged, and your order is kept." in page
    assert "(Japan time)" in page
    assert f'action="/orders/{order.uid}/card/"' in page
    assert "Pay ¥4,200" in page
    assert "stolen" not in page
    # A page that reloads by itself would wipe what is being typed.
    assert "http-equiv" not in page


def test_a_challenge_can_be_opened_and_says_until_when(
    client: Client, order: Order, bank: None
) -> None:
    wait_for_challenge(order)
    page = page_of(client, order)
    assert "Your bank wants to make sure it is you" in page
    assert 'data-challenge="pi_1_secret_1"' in page
    assert f'data-return-url="http://testserver/orders/{order.uid}/return/"' in page


def test_a_challenge_that_cannot_be_fetched_can_be_looked_for_again(
    client: Client, order: Order, bank: None
) -> None:
    wait_for_challenge(order, "pi_unreachable")
    page = page_of(client, order)
    assert "data-challenge" not in page
    assert f'<a href="http://testserver/orders/{order.uid}/return/">Look again' in page


def test_on_hold_after_the_charge_says_not_to_pay_again(
    client: Client, order: Order
) -> None:
    transitions.capture(order.payment, order.total_minor, "ch_1")
    set_saga(
        order,
        step="fulfil_order",
        state=State.FAILED,
        error="KeyError: 'x'",
        alert_wanted_at=timezone.now(),
    )
    page = page_of(client, order)
    assert "We have your money and your order" in page
    assert "Please do not pay or order again." in page
    assert "hanako@customer.example" in page
    assert "KeyError" not in page


def test_on_hold_before_the_charge_claims_no_money(
    client: Client, order: Order
) -> None:
    set_saga(order, state=State.FAILED, alert_wanted_at=timezone.now())
    page = page_of(client, order)
    assert "<h1>We have your order</h1>" in page
    assert "your money" not in page
    assert "you are charged at most once" in page


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("out_of_stock", "An item sold out before we could set it aside"),
        ("not_paid", "The payment was not completed in time"),
        ("technical", "A technical fault on our side stopped it"),
        ("staff", "Our staff cancelled this order."),
    ],
)
def test_a_cancelled_order_says_why_and_that_nothing_was_charged(
    client: Client, order: Order, reason: str, words: str
) -> None:
    transitions.cancel(order, Order.CancelReason(reason))
    set_saga(order, state=State.COMPENSATED, direction=Direction.UNDO, reason=reason)
    page = page_of(client, order)
    assert "<h1>Your order was cancelled</h1>" in page
    assert words in page
    assert "Nothing was charged." in page
    assert "Failed" in page
    assert "data-final" in page
    assert "hx-get" not in page


def cancel(order: Order) -> None:
    transitions.cancel(order, Order.CancelReason.NOT_PAID)
    carts.reopen(order.checkout_key)
    set_saga(order, state=State.COMPENSATED, direction=Direction.UNDO)


def test_a_cancelled_order_gives_the_cart_back(client: Client, mug: Product) -> None:
    fill_and_inform(client, {"MUG-01": 2})
    client.post(CONFIRMATION, purchase_form(client))
    order = Order.objects.get()
    cancel(order)
    page = page_of(client, order)
    assert "Your cart is back: look at it" in page
    assert "Cart: 2 items, ¥3,600" in page
    # The stream's last word brings the header's badge along.
    answer = client.get(f"/orders/{order.uid}/progress/")
    assert 'id="cart-pill"' in text_of(answer)
    assert "hx-swap-oob" in text_of(answer)


def test_another_browser_can_put_the_goods_into_its_own_cart(
    client: Client, order: Order
) -> None:
    cancel(order)
    assert "Put these goods into the cart again" in page_of(client, order)
    answer = client.post(f"/orders/{order.uid}/again/")
    assert (answer.status_code, answer["Location"]) == (303, "/cart/")
    assert "Cart: 2 items, ¥3,600" in text_of(client.get("/cart/"))
    assert "Your cart is back" in page_of(client, order)


def test_goods_that_are_gone_are_named(client: Client, order: Order) -> None:
    cancel(order)
    adjust("MUG-01", -9, "shelf", "broken", "staff")
    client.post(f"/orders/{order.uid}/again/")
    page = text_of(client.get("/cart/"))
    assert "Not to be had in this quantity any more: Morning Mug." in page
    assert "Your cart is empty." in page


def test_a_complete_order_says_what_comes_next(client: Client, order: Order) -> None:
    complete(order)
    page = page_of(client, order)
    assert "<h1>Thank you. Your order is complete</h1>" in page
    assert order.number in page
    assert "The confirmation goes to <strong>hanako@customer.example</strong>." in page
    assert "What happens next" in page
    assert page.count('class="progress-step done"') == 3
    assert "checkout/live.js" not in page
    assert settings.STRIPE_JS_URL not in page


def test_another_card_wakes_the_order(client: Client, order: Order) -> None:
    wait_for_card(order)
    answer = client.post(
        f"/orders/{order.uid}/card/", {"confirmation_token": "ctoken_2"}
    )
    assert (answer.status_code, answer["Location"]) == (303, f"/orders/{order.uid}/")
    assert order.payment.attempts.latest("number").token == "ctoken_2"
    assert Saga.objects.main_paths().get().state == State.RUNNING


@pytest.mark.parametrize("prepare", [lambda _order: None, complete])
def test_a_card_that_is_not_needed_is_not_taken(
    client: Client, order: Order, prepare: Callable[[Order], None]
) -> None:
    prepare(order)
    answer = client.post(
        f"/orders/{order.uid}/card/", {"confirmation_token": "ctoken_2"}
    )
    assert (answer.status_code, answer["Location"]) == (303, f"/orders/{order.uid}/")
    assert order.payment.attempts.count() == 1


def test_another_card_without_a_card_says_so(client: Client, order: Order) -> None:
    wait_for_card(order)
    answer = client.post(f"/orders/{order.uid}/card/", {}, follow=True)
    assert "Fill in the card form." in text_of(answer)
    assert Saga.objects.main_paths().get().state == State.WAITING


def test_coming_back_from_the_bank_makes_the_saga_look_again(
    client: Client, order: Order, bank: None
) -> None:
    wait_for_challenge(order)
    for _time in range(2):
        answer = client.get(f"/orders/{order.uid}/return/?redirect_status=succeeded")
        assert answer.status_code == 303
        assert answer["Location"] == f"/orders/{order.uid}/"
    saga = Saga.objects.main_paths().get()
    assert saga.state == State.RUNNING
    assert saga.step == "authorize_payment"


def test_coming_back_again_and_again_makes_one_look_in_some_seconds(
    client: Client, order: Order, bank: None
) -> None:
    wait_for_challenge(order)
    with time_machine.travel(timezone.now(), tick=False):
        for _time in range(20):
            client.get(f"/orders/{order.uid}/return/")

    assert Saga.objects.main_paths().get().signals == 1


@pytest.mark.parametrize("intent", ["pi_1", "pi_unreachable"])
def test_pages_and_polls_ask_the_provider_once(
    client: Client, order: Order, bank: None, intent: str
) -> None:
    wait_for_challenge(order, intent)
    with time_machine.travel(timezone.now(), tick=False):
        for _time in range(20):
            client.get(f"/orders/{order.uid}/")
            client.get(f"/orders/{order.uid}/progress/")

    assert cast("AskingBank", get_gateway()).asked == 1


def test_only_the_payment_pages_may_talk_to_the_provider(
    client: Client, order: Order
) -> None:
    origin = settings.STRIPE_JS_URL.removesuffix("/v3/")
    policy = client.get(f"/orders/{order.uid}/")["Content-Security-Policy"]
    assert f"frame-src 'self' {origin}" in policy
    poll = client.get(f"/orders/{order.uid}/progress/")
    assert origin not in poll["Content-Security-Policy"]
