"""The coupon's field in the cart, and what the confirmation tells."""

import pytest
from django.test import Client

from checkout.cart.models import Cart
from checkout.promotions import guesses
from checkout.promotions.models import CouponCode, Discount, WrongCode
from orders.models import Order
from shop.catalogue.models import Product
from tests.support.promotions import make_code
from tests.support.shopping import (
    CART,
    CONFIRMATION,
    fill,
    fill_and_inform,
    purchase_form,
    text_of,
)

pytestmark = pytest.mark.django_db
COUPON = "/cart/coupon/"


def enter(client: Client, code: str, **more: str) -> str:
    """Type a code. Return the page that follows."""
    return text_of(client.post(COUPON, {"code": code}, follow=True, headers=more))


def test_a_code_is_applied_shown_and_removed(client: Client, mug: Product) -> None:
    make_code()
    fill(client, {"MUG-01": 1})

    page = enter(client, "ｗｅｌｃｏｍｅ")  # noqa: RUF001

    assert "Ten off" in page
    assert "-¥180" in page
    page = text_of(client.post(f"{COUPON}remove/", follow=True))
    assert "-¥180" not in page
    assert Cart.objects.get().coupon is None


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "Enter the coupon code."),
        ("NOSUCH", "We don't know this code."),
        ("x" * 50, "We don't know this code."),
        ("OLD", "The code OLD is no longer valid."),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    client: Client, mug: Product, code: str, words: str
) -> None:
    make_code("OLD", is_paused=True)
    fill(client, {"MUG-01": 1})

    answer = client.post(COUPON, {"code": code})

    assert answer.status_code == 422
    page = answer.content.decode().replace("&#x27;", "'")
    assert words in page
    assert 'aria-invalid="true"' in page
    assert Cart.objects.get().coupon is None


def test_the_code_survives_to_the_order_and_is_charged(
    client: Client, mug: Product
) -> None:
    code = make_code()
    fill_and_inform(client, {"MUG-01": 1})
    enter(client, code.code)
    assert "-¥180" in text_of(client.get(CONFIRMATION))

    client.post(CONFIRMATION, purchase_form(client))

    order = Order.objects.get()
    assert (order.discount_minor, order.payment.amount_minor) == (180, 2220)
    page = text_of(client.get(f"/orders/{order.uid}/"))
    assert "Ten off" in page
    assert "-¥180" in page


def test_a_code_that_ends_between_looking_and_buying_is_told(
    client: Client, mug: Product
) -> None:
    code = make_code()
    fill_and_inform(client, {"MUG-01": 1})
    enter(client, code.code)
    form = purchase_form(client)
    Discount.objects.update(is_paused=True)

    page = text_of(client.post(CONFIRMATION, form, follow=True))

    assert "The amount has changed from ¥2,220 to ¥2,400" in page
    assert "The code WELCOME is no longer valid." in page
    assert not Order.objects.exists()
    assert CouponCode.objects.get().used == 0


def test_ten_wrong_codes_an_hour_are_enough_for_a_cart(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    make_code()
    for _guess in range(guesses.MOST_PER_CART):
        assert "We don" in enter(client, "NOSUCH")

    assert "Too many wrong codes" in enter(client, "WELCOME")
    assert WrongCode.objects.count() == guesses.MOST_PER_CART
    assert "Too many" not in text_of(client.get(CART))


def test_a_guesser_locks_out_nobody_behind_the_same_address(
    client: Client, mug: Product
) -> None:
    make_code()
    cart = Cart.objects.create()
    for _guess in range(guesses.MOST_PER_CLIENT):
        guesses.record_wrong(cart.uid, "127.0.0.1")
    fill(client, {"MUG-01": 1})

    assert "We don" in enter(client, "WELCOM")
    assert "-¥180" in enter(client, "WELCOME")


def test_without_a_cart_the_field_leads_to_the_cart(client: Client) -> None:
    assert client.post(COUPON, {"code": "X"})["Location"] == CART
    assert client.get(COUPON)["Location"] == CART
    assert client.post(f"{COUPON}remove/")["Location"] == CART
