"""The cart merges at the sign-in, and nobody else in the browser sees it."""

from uuid import uuid4

import pytest
from django.test import Client

from checkout.cart.models import Cart, TemporaryOrder
from checkout.cart.ownership import take_over
from checkout.cart.services import freeze
from shop.catalogue.models import Product
from shop.customers.models import Customer
from tests.checkout.my_page.conftest import TARO
from tests.support.accounts import SIGN_OUT, sign_in, words
from tests.support.catalogue import make_product
from tests.support.promotions import make_code
from tests.support.shopping import (
    CART,
    INFORMATION,
    RECIPIENT,
    fill,
    fill_and_inform,
    make_cart,
)
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def holds(cart: Cart) -> dict[str, int]:
    return dict(cart.lines.values_list("variant__sku", "quantity"))


def test_a_guests_cart_and_typed_address_become_the_customers(
    client: Client, hanako: Customer, mug: Product
) -> None:
    before = fill_and_inform(client, {"MUG-01": 2})
    old_cookie = client.cookies["cart"].value
    sign_in(client)

    cart = Cart.objects.get(state=Cart.State.OPEN)
    assert cart.customer_id == hanako.pk
    assert holds(cart) == {"MUG-01": 2}
    assert cart.temporary_order.city == RECIPIENT["city"]
    assert "Morning Mug" in words(client.get(CART))
    # The old cookie, in another browser or after the sign-out, leads to nothing.
    assert cart.uid != before.uid
    stale = Client()
    stale.cookies["cart"] = old_cookie
    assert "empty" in words(stale.get(CART))


def test_two_carts_become_one_with_the_larger_quantities(
    client: Client, hanako: Customer, mug: Product, tea: Product
) -> None:
    sign_in(client)
    fill(client, {"MUG-01": 1, "TEA-01": 3})
    guest = Client()
    fill(guest, {"MUG-01": 4, "TEA-01": 1})

    sign_in(guest)

    assert holds(Cart.objects.get()) == {"MUG-01": 4, "TEA-01": 3}


def test_after_the_sign_out_nobody_sees_cart_or_address(
    customer: Client, taro: Customer, mug: Product
) -> None:
    fill_and_inform(customer, {"MUG-01": 2})
    kept = customer.cookies["cart"].value
    customer.post(SIGN_OUT)

    assert "empty" in words(customer.get(CART))
    customer.cookies["cart"] = kept
    assert "empty" in words(customer.get(CART))
    assert customer.get(INFORMATION)["Location"] == CART
    sign_in(customer, TARO)
    customer.cookies["cart"] = kept
    assert "empty" in words(customer.get(CART))
    assert RECIPIENT["street"] not in words(customer.get(CART))


def test_the_cart_is_back_at_the_next_sign_in_anywhere(
    customer: Client, mug: Product
) -> None:
    fill(customer, {"MUG-01": 2})
    customer.post(SIGN_OUT)
    elsewhere = Client()
    sign_in(elsewhere)

    assert "Morning Mug" in words(elsewhere.get(CART))


def test_a_session_that_ended_by_itself_leaves_an_empty_cart(
    customer: Client, mug: Product
) -> None:
    mine = fill(customer, {"MUG-01": 2})
    customer.session.flush()

    assert "empty" in words(customer.get(CART))
    assert "Cart: empty" in customer.get("/").content.decode()
    fill(customer, {"MUG-01": 1})
    assert holds(mine) == {"MUG-01": 2}


def test_a_cart_that_is_being_ordered_is_left_alone(
    hanako: Customer, mug: Product
) -> None:
    guest = make_cart({"MUG-01": 1}, RECIPIENT)
    assert freeze(guest)

    assert take_over(hanako.pk, guest.uid) is None

    assert Cart.objects.get().customer_id is None
    assert TemporaryOrder.objects.get().cart_id == guest.pk


def test_nobody_takes_the_cart_of_another_customer(
    hanako: Customer, taro: Customer, mug: Product
) -> None:
    his = make_cart({"MUG-01": 1})
    Cart.objects.update(customer_id=taro.pk)

    assert take_over(hanako.pk, his.uid) is None
    assert take_over(hanako.pk, uuid4()) is None
    assert Cart.objects.get().customer_id == taro.pk


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_sign_in_at_once_lose_nothing(hanako: Customer) -> None:
    make_product()
    guest = make_cart({"MUG-01": 3}).uid

    answers = run_together(range(4), lambda _tab: take_over(hanako.pk, guest))

    assert exceptions_in(answers) == []
    take_over(hanako.pk, None)
    assert holds(Cart.objects.get()) == {"MUG-01": 3}


def test_a_guests_coupon_comes_with_the_cart(hanako: Customer, mug: Product) -> None:
    guest = make_cart({"MUG-01": 1})
    coupon = make_code()
    Cart.objects.update(coupon=coupon)

    cart = take_over(hanako.pk, guest.uid)

    assert cart is not None
    assert Cart.objects.get(pk=cart.pk).coupon == coupon
