"""How many units one customer may have, also from parallel tabs."""

from datetime import timedelta

import pytest
from django.test import Client

from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.placement.errors import QuoteChanged
from checkout.placement.services import place_order
from checkout.promotions.errors import PurchaseLimitReached
from checkout.promotions.models import LimitedPurchase
from checkout.promotions.services import give_back
from orders.models import Order
from shop import database_clock
from shop.catalogue.models import Product
from tests.support.accounts import make_customer
from tests.support.orders import VISA, make_cart
from tests.support.promotions import (
    assert_uses_are_those_of_orders,
    limit,
    mailed_by,
    moved_back,
)
from tests.support.shopping import (
    CART,
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    text_of,
)
from tests.support.threads import exceptions_in, run_together


def buy(units: int = 1) -> Order:
    cart = make_cart({"MUG-01": units})
    return place_order(cart, quote(cart), token=VISA, language="en")


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_one_customer_in_eight_tabs_gets_two_of_two() -> None:
    carts = [make_cart({"MUG-01": 1}, free=100) for _tab in range(8)]
    limit("MUG-01", 2, days=30)
    seen = [(cart, quote(cart)) for cart in carts]

    answers = run_together(
        seen, lambda each: place_order(*each, token=VISA, language="en")
    )

    assert {type(one) for one in exceptions_in(answers)} == {PurchaseLimitReached}
    assert Order.objects.count() == LimitedPurchase.objects.count() == 2
    assert_uses_are_those_of_orders()


@pytest.mark.django_db
def test_orders_of_the_period_count_together(mug: Product) -> None:
    limit("MUG-01", 3, days=30)
    buy(2)

    line = quote(make_cart({"MUG-01": 2})).lines[0]

    assert line.limit_note == "At most 3 per customer within 30 days."
    assert "You can order 1 more with this email address." in line.limit_problem
    with pytest.raises(QuoteChanged):
        buy(2)
    assert buy(1).pk
    assert "already ordered that many" in quote(make_cart()).lines[0].limit_problem


@pytest.mark.django_db
def test_older_orders_and_other_customers_do_not_count(mug: Product) -> None:
    limit("MUG-01", 1, days=30)
    buy()
    other = mailed_by(make_cart(), "jiro@example.com")
    assert quote(other).is_orderable

    moved_back(database_clock.read() - timedelta(days=31))

    assert buy().pk


@pytest.mark.django_db
def test_an_account_counts_under_whatever_address(mug: Product) -> None:
    limit("MUG-01", 1)
    first, second = make_cart(), mailed_by(make_cart(), "other@example.com")
    account = make_customer("hanako@example.com")
    Cart.objects.update(customer_id=account.pk)
    first.customer_id = second.customer_id = account.pk
    assert quote(second).is_orderable

    place_order(first, quote(first), token=VISA, language="en", customer=account)

    assert "already ordered that many" in quote(second).lines[0].limit_problem
    stranger = mailed_by(make_cart(), "third@example.com")
    assert quote(stranger).is_orderable


@pytest.mark.django_db
def test_without_a_period_all_orders_count(mug: Product) -> None:
    limit("MUG-01", 1)
    buy()
    moved_back(database_clock.read() - timedelta(days=3000))

    assert not quote(make_cart()).is_orderable


@pytest.mark.django_db
def test_a_cancelled_order_gives_its_units_back(mug: Product) -> None:
    limit("MUG-01", 1)
    order = buy()

    give_back(order.number)

    assert quote(make_cart()).is_orderable


@pytest.mark.django_db
def test_the_cart_tells_the_limit_and_the_confirmation_refuses(
    client: Client, mug: Product
) -> None:
    limit("MUG-01", 1, days=30)
    fill(client, {"MUG-01": 1})
    assert "At most 1 per customer within 30 days." in text_of(client.get(CART))
    client.post(INFORMATION, RECIPIENT)
    mine = make_cart()
    place_order(
        mailed_by(mine, RECIPIENT["email"]), quote(mine), token=VISA, language="en"
    )

    answer = client.get(CONFIRMATION, follow=True)

    assert answer.redirect_chain == [(CART, 303)]
    assert "You have already ordered that many with this email address." in text_of(
        answer
    )
    assert Cart.objects.filter(state=Cart.State.OPEN).count() == 1
