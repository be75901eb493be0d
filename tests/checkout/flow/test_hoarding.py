"""Who does not pay keeps little, and not for long; who pays gets the goods."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.cart.pricing import quote
from checkout.payments.fake.gateway import CHALLENGED, VOUCHER, FakeGateway
from checkout.placement.errors import TooManyUnpaid
from checkout.placement.services import place_order
from checkout.status.progress import progress_of
from checkout.tracking.errors import GoodsGone
from checkout.tracking.services import try_another_card
from inventory.models import Hold, StockItem
from inventory.services import expire_holds
from orders.models import Order
from saga.engine import run
from saga.models import Saga, State
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import advance, charges, counters
from tests.support.orders import VISA, make_cart

pytestmark = pytest.mark.django_db

DECLINED = "pm_card_visa_chargeDeclined"
STRANGER = "203.0.113.66"


def buy(
    units: dict[str, int], token: str = VISA, client: str = "", *, free: int = 24
) -> Order:
    """Place an order and run its saga as far as it goes."""
    cart = make_cart(units, free=free)
    order = place_order(cart, quote(cart), token=token, language="en", client=client)
    run(Saga.objects.main_paths().get(reference=order.number).pk)
    return order


def is_done(order: Order) -> bool:
    order.refresh_from_db()
    return order.status == Order.Status.CONFIRMED


@pytest.mark.long
@pytest.mark.parametrize("token", [DECLINED, CHALLENGED, VOUCHER])
def test_one_hoarder_beside_twenty_shoppers_who_all_buy(
    gateway: FakeGateway, clock: Clock, settings: Settings, token: str
) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]
    everything = {f"MUG-{number:02}": 20 for number in range(3)}
    for _try in range(4):
        buy(everything, token, STRANGER)

    shoppers = [
        buy({f"MUG-{number % 3:02}": 2}, VISA, f"198.51.100.{number}")
        for number in range(20)
    ]

    assert all(is_done(order) for order in shoppers)
    for item in StockItem.objects.all():
        assert item.held <= 24 * 20 // 100
    assert_invariants(charges(gateway))


def test_many_hoarders_together_keep_no_more_than_half(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    settings.UNPAID_ORDERS_PER_EMAIL = 0
    for number in range(12):
        buy({"MUG-01": 2}, DECLINED, f"203.0.113.{number}")

    assert counters() == (24, 12)


def test_the_goods_of_a_declined_order_are_free_after_minutes_and_can_still_be_bought(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    order = buy({"MUG-01": 2}, DECLINED)
    progress = progress_of(order)
    assert progress.goods_until == timezone.now() + timedelta(minutes=5)
    assert progress.deadline == timezone.now() + timedelta(minutes=30)

    clock.shift(5 * 60)
    assert expire_holds() == 1
    assert counters() == (24, 0)
    assert progress_of(order).goods_until is None
    assert progress_of(order).outcome == "needs_card"

    try_another_card(order, VISA)
    assert counters() == (24, 2)
    run(Saga.objects.main_paths().get().pk)
    assert is_done(order)


def test_coming_back_again_and_again_does_not_keep_the_goods_for_longer(
    gateway: FakeGateway, clock: Clock
) -> None:
    buy({"MUG-01": 2}, DECLINED)
    until = Hold.objects.get().expires_at
    saga = Saga.objects.main_paths().get()
    clock.shift(60)

    Saga.objects.filter(pk=saga.pk).update(state=State.RUNNING, due_at=timezone.now())
    run(saga.pk)

    assert Hold.objects.get().expires_at == until


def test_another_card_for_goods_that_are_gone_is_not_tried(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = buy({"MUG-01": 2}, DECLINED)
    clock.shift(5 * 60)
    expire_holds()
    buy({"MUG-01": 20})
    buy({"MUG-01": 4})

    with pytest.raises(GoodsGone) as refusal:
        try_another_card(order, VISA)

    assert "have sold out" in refusal.value.sentence
    assert order.payment.attempts.count() == 1
    assert progress_of(order).outcome == "needs_card"
    saga = advance(Saga.objects.main_paths().get(reference=order.number), clock, 50)
    assert saga.state == State.COMPENSATED


def test_a_voucher_for_too_many_goods_is_void_and_the_customer_told(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]
    order = buy({"MUG-01": 20}, VOUCHER, STRANGER)

    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == ("cancelled", "unpaid_limit")
    assert counters() == (24, 0)
    assert {intent.status.value for intent in gateway.intents.values()} == {"canceled"}
    assert_invariants(charges(gateway), ended=True)


def test_a_mail_address_with_five_unpaid_orders_places_no_sixth(
    gateway: FakeGateway, clock: Clock
) -> None:
    for number in range(5):
        buy({"MUG-01": 1}, DECLINED, f"203.0.113.{number}")

    with pytest.raises(TooManyUnpaid) as refusal:
        buy({"MUG-01": 1}, VISA, "203.0.113.9")

    assert "5 orders for your email address are not paid yet" in refusal.value.sentence
    assert Order.objects.count() == 5
