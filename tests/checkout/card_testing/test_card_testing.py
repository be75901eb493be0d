"""One address and one order can try only a few cards."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.card_testing.errors import TooManyCards
from checkout.card_testing.models import Client
from checkout.card_testing.services import forget_clients
from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import CardUnusable
from checkout.placement.services import place_order
from checkout.status.progress import progress_of
from checkout.tracking.errors import CardNotNeeded
from checkout.tracking.services import try_another_card
from orders.models import Order, PaymentAttempt
from saga.engine import run
from saga.models import Saga, State
from shop.web.client_address import client_of, network_of
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import charges, counters, place
from tests.support.orders import VISA, make_cart

pytestmark = pytest.mark.django_db

DECLINED = "pm_card_visa_chargeDeclined"
STOLEN_BY = "203.0.113.7"


@pytest.fixture(autouse=True)
def few(settings: Settings) -> None:
    settings.CARD_TRIES = 3
    settings.CARD_TRIES_PER_HOUR = 2
    # All orders of this module have one mail address.
    settings.UNPAID_ORDERS_PER_EMAIL = 0


def order_from(client: str, token: str = DECLINED, cart: Cart | None = None) -> Order:
    cart = cart or make_cart()
    order = place_order(cart, quote(cart), token=token, language="en", client=client)
    run(Saga.objects.get(reference=order.number).pk)
    return order


def test_the_last_card_of_an_order_that_is_declined_ends_it_at_once(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=DECLINED)
    run(saga.pk)
    for _time in range(2):
        try_another_card(order, DECLINED)
        run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, order.cancel_reason) == (State.COMPENSATED, "cards_refused")
    outcomes = PaymentAttempt.objects.values_list("outcome", flat=True)
    assert list(outcomes) == ["declined"] * 3
    assert counters() == (10, 0)
    assert progress_of(order).outcome == "cancelled"
    with pytest.raises(CardNotNeeded):
        try_another_card(order, VISA)
    assert_invariants(charges(gateway), ended=True)


def test_the_last_card_may_be_the_right_one(gateway: FakeGateway, clock: Clock) -> None:
    order, saga = place(token=DECLINED)
    run(saga.pk)
    for token in (DECLINED, VISA):
        try_another_card(order, token)
        run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.DONE


def test_an_address_that_used_up_its_tries_places_no_order(
    gateway: FakeGateway, clock: Clock
) -> None:
    for _order in range(2):
        order_from(STOLEN_BY)
    cart = make_cart()

    with pytest.raises(TooManyCards) as refusal:
        order_from(STOLEN_BY, cart=cart)

    assert refusal.value.until == timezone.now() + timedelta(hours=1)
    assert Order.objects.count() == 2
    cart.refresh_from_db()
    assert cart.state == Cart.State.OPEN, "the customer keeps the cart"
    client = Client.objects.get()
    assert (client.address, client.refusals) == (STOLEN_BY, 1)
    assert client.refused_at == timezone.now()


def test_another_card_from_there_is_refused_and_the_order_waits_on(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = order_from(STOLEN_BY)
    try_another_card(order, DECLINED, STOLEN_BY)
    run(Saga.objects.main_paths().get().pk)

    with pytest.raises(TooManyCards):
        try_another_card(order, VISA, STOLEN_BY)

    assert PaymentAttempt.objects.count() == 2
    assert progress_of(order).outcome == "needs_card"
    try_another_card(order, VISA, "198.51.100.1")


def test_an_hour_later_the_address_may_try_again(
    gateway: FakeGateway, clock: Clock
) -> None:
    order_from(STOLEN_BY)
    clock.shift(600)
    order_from(STOLEN_BY)
    clock.shift(3000)

    assert order_from(STOLEN_BY).pk
    with pytest.raises(TooManyCards) as refusal:
        order_from(STOLEN_BY)
    assert refusal.value.until == timezone.now() + timedelta(seconds=600)


def test_good_customers_behind_one_address_do_not_shut_each_other_out(
    gateway: FakeGateway, clock: Clock
) -> None:
    for _customer in range(4):
        order_from(STOLEN_BY, VISA)

    assert Order.objects.count() == 4


def test_without_a_limit_or_an_address_nothing_is_counted(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    for _order in range(3):
        order_from("")
    settings.CARD_TRIES_PER_HOUR = settings.CARDS_PER_HOUR = 0
    for _order in range(3):
        order_from(STOLEN_BY)

    assert not Client.objects.exists()


def test_a_card_that_never_reached_the_bank_does_not_count(
    gateway: FakeGateway, clock: Clock
) -> None:
    for _order in range(3):
        gateway.fail("confirm", CardUnusable("the token has expired"))
        order_from(STOLEN_BY, "ctoken_old")

    assert PaymentAttempt.objects.filter(decline_code="token_unusable").count() == 3
    assert order_from(STOLEN_BY, VISA).pk


def test_cards_without_end_from_one_address_are_stopped_whatever_the_bank_says(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    settings.CARDS_PER_HOUR = 3
    for _order in range(3):
        order_from(STOLEN_BY, VISA)

    with pytest.raises(TooManyCards):
        order_from(STOLEN_BY, VISA)


def test_a_network_of_ipv6_has_four_times_the_tries_of_one_household(
    gateway: FakeGateway, clock: Clock
) -> None:
    households = [client_of(f"2001:db8:7:{number}::1") for number in range(9)]
    for household in households[:8]:
        order_from(household)

    with pytest.raises(TooManyCards) as refusal:
        order_from(households[8])

    assert refusal.value.client == "2001:db8:7::/48"
    assert order_from(client_of("2001:db8:8::1")).pk


@pytest.mark.parametrize(
    ("client", "network"),
    [
        ("203.0.113.7", ""),
        ("", ""),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8::/64", "2001:db8::/48"),
    ],
)
def test_the_wider_network_is_the_48_of_ipv6(client: str, network: str) -> None:
    assert network_of(client) == network


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_an_address_is_counted_by_the_network_that_one_person_has(
    address: str, counted: str
) -> None:
    assert client_of(address) == counted


def test_addresses_are_forgotten_after_a_week(
    gateway: FakeGateway, clock: Clock
) -> None:
    order_from(STOLEN_BY)
    clock.shift(7 * 86_400 + 1)
    order_from("198.51.100.1")

    assert forget_clients(timezone.now()) == 1

    left = PaymentAttempt.objects.order_by("pk").values_list("client", flat=True)
    assert list(left) == ["", "198.51.100.1"]
