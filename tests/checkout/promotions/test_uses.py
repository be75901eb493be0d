"""Uses of codes are taken with the order, under parallel use, and given back."""

import pytest

from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.flow import reserve_stock
from checkout.payments.fake.gateway import FakeGateway
from checkout.placement.services import place_order
from checkout.promotions.errors import DiscountGone
from checkout.promotions.models import CouponCode, Discount, DiscountUse
from checkout.promotions.services import give_back
from orders.models import Order
from saga import operations
from saga.engine import run
from saga.models import Saga, State
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import advance, place
from tests.support.orders import VISA, make_cart
from tests.support.promotions import (
    assert_uses_are_those_of_orders,
    mailed_by,
    make_code,
    with_coupon,
)
from tests.support.threads import exceptions_in, run_together

DECLINED = "pm_card_visa_chargeDeclinedInsufficientFunds"


def buy(cart: Cart) -> Order:
    return place_order(cart, quote(cart), token=VISA, language="en")


def buy_all(buyers: int, code: CouponCode, threads: int) -> list[Exception]:
    """Let buyers with the code seen in their carts order at once. Return refusals."""
    seen = []
    for number in range(buyers):
        cart = mailed_by(make_cart(free=1000), f"buyer{number}@example.com")
        cart = with_coupon(cart, code)
        seen.append((cart, quote(cart)))

    def order_in_turn(first: int) -> list[object]:
        answers: list[object] = []
        for each in seen[first::threads]:
            try:
                answers.append(place_order(*each, token=VISA, language="en"))
            except DiscountGone as refusal:
                answers.append(refusal)
        return answers

    parts = run_together(range(threads), order_in_turn)
    assert not exceptions_in(parts)
    return exceptions_in(one for part in parts for one in part)  # type: ignore[union-attr]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_code_with_five_uses_and_sixteen_buyers_at_once_sells_five() -> None:
    refused = buy_all(16, make_code(most=5), threads=16)

    assert len(refused) == 11
    assert (Order.objects.count(), CouponCode.objects.get().used) == (5, 5)
    assert Saga.objects.main_paths().count() == 5
    assert Cart.objects.filter(state=Cart.State.OPEN).count() == 11
    assert_uses_are_those_of_orders()


@pytest.mark.long
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_code_with_ten_uses_and_two_hundred_buyers_sells_ten() -> None:
    refused = buy_all(200, make_code(most=10), threads=20)

    assert len(refused) == 190
    assert (Order.objects.count(), CouponCode.objects.get().used) == (10, 10)
    assert_uses_are_those_of_orders()


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_one_customer_in_eight_tabs_uses_a_code_once() -> None:
    code = make_code(most_per_customer=1)
    carts = [with_coupon(make_cart(free=100), code) for _tab in range(8)]
    seen = [(cart, quote(cart)) for cart in carts]

    answers = run_together(
        seen, lambda each: place_order(*each, token=VISA, language="en")
    )

    assert {type(one) for one in exceptions_in(answers)} == {DiscountGone}
    assert Order.objects.count() == CouponCode.objects.get().used == 1
    assert_uses_are_those_of_orders()


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["paused", "discount paused", "ended"])
def test_what_ended_since_it_was_seen_refuses_the_order(change: str) -> None:
    cart = with_coupon(make_cart(), make_code())
    seen = quote(cart)
    if change == "paused":
        CouponCode.objects.update(is_paused=True)
    elif change == "discount paused":
        Discount.objects.update(is_paused=True)
    else:
        discount = Discount.objects.get()
        Discount.objects.update(ends_at=discount.starts_at.replace(microsecond=999999))

    with pytest.raises(DiscountGone) as refusal:
        place_order(cart, seen, token=VISA, language="en")

    assert "Your order was not placed and nothing was charged" in refusal.value.sentence
    assert not Order.objects.exists()
    assert not DiscountUse.objects.exists()
    assert Cart.objects.get().state == Cart.State.OPEN


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_an_unpaid_end_gives_the_use_back(gateway: FakeGateway, clock: Clock) -> None:
    code = make_code(most=1)
    order, saga = place(with_coupon(make_cart(), code), token=DECLINED)
    run(saga.pk)
    assert CouponCode.objects.get().used == 1

    clock.shift(3600)
    saga = advance(saga, clock)

    assert saga.state == State.COMPENSATED
    assert CouponCode.objects.get().used == 0
    assert DiscountUse.objects.get().given_back_at is not None
    # The cart is open again, with its code.
    cart = Cart.objects.select_related("temporary_order", "coupon").get()
    assert quote(cart).discount.minor == 180
    assert buy(cart).number != order.number
    assert_uses_are_those_of_orders()
    assert_invariants()


@pytest.mark.django_db
def test_a_paid_order_keeps_its_use(gateway: FakeGateway) -> None:
    order, saga = place(with_coupon(make_cart(), make_code(most=1)))

    run(saga.pk)

    order.refresh_from_db()
    assert order.status == Order.Status.CONFIRMED
    assert [intent.received for intent in gateway.intents.values()] == [
        order.total_minor
    ]
    assert CouponCode.objects.get().used == 1
    assert_uses_are_those_of_orders()


@pytest.mark.django_db
def test_staff_s_cancellation_before_the_charge_gives_the_use_back() -> None:
    order, saga = place(with_coupon(make_cart(), make_code()))

    operations.cancel(saga, "desk", "asked by phone")
    run(saga.pk)

    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert CouponCode.objects.get().used == 0
    assert_uses_are_those_of_orders()


@pytest.mark.django_db
def test_giving_back_twice_is_once() -> None:
    code = make_code()
    order = buy(with_coupon(make_cart(), code))
    buy(with_coupon(mailed_by(make_cart(), "jiro@example.com"), code))

    assert (give_back(order.number), give_back(order.number)) == (1, 0)
    assert CouponCode.objects.get().used == 1


def test_the_step_that_gives_back_is_the_one_that_cancels_the_order() -> None:
    assert reserve_stock.STEP.undo is reserve_stock.release
