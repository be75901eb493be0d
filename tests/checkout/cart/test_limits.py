"""Limits that are known beforehand are said in the cart, and no order is made."""

from collections.abc import Callable

import pytest
from django.db.models import Max
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.cart import services as carts
from checkout.cart.errors import CartFull, TooManyPerOrder
from checkout.cart.models import Cart, CartLine
from checkout.cart.pricing import quote
from checkout.payments import methods
from checkout.placement.errors import QuoteChanged
from checkout.placement.services import place_order
from inventory.services import receive
from orders.models import Order
from shop.catalogue.models import Product, Variant
from shop.money import Money
from tests.support.catalogue import make_product
from tests.support.orders import VISA
from tests.support.shipping import make_method
from tests.support.shopping import (
    CART,
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fetch,
    fill,
    fill_and_inform,
    make_cart,
    purchase_form,
    text_of,
)

LARGEST = 99_999_999


def price(minor: int) -> Callable[[Cart], None]:
    def change(cart: Cart) -> None:
        Variant.objects.update(price_minor=minor)

    return change


def units(count: int) -> Callable[[Cart], None]:
    def change(cart: Cart) -> None:
        CartLine.objects.filter(cart=cart).update(quantity=count)

    return change


def per_order(most: int) -> Callable[[Cart], None]:
    def change(cart: Cart) -> None:
        Product.objects.update(most_per_order=most)

    return change


def many_lines(cart: Cart) -> None:
    for number in range(50):
        product = make_product(f"p{number}", skus=(f"P-{number}",), pictures=0)
        variant = product.variants.get()
        CartLine.objects.create(cart=cart, variant=variant, quantity=1, seen_minor=1)


CASES = [
    (price(49), "The smallest amount that can be paid is ¥50"),
    (price(LARGEST + 1), "The largest amount that can be paid at once is ¥99,999,999"),
    (units(21), "One order may have at most 20 of this article"),
    (per_order(1), "One order may have at most 1 of this article"),
    (many_lines, "and one order takes at most 50"),
]


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize(("change", "words"), CASES)
def test_the_cart_says_what_to_do_and_nothing_behind_it_makes_an_order(
    client: Client,
    mug: Product,
    settings: Settings,
    change: Callable[[Cart], None],
    words: str,
) -> None:
    make_method(rate=0)
    receive("MUG-01", 50, "delivery")
    cart = fill_and_inform(client, {"MUG-01": 2})
    form = purchase_form(client)
    change(cart)
    if words.startswith("The smallest"):
        units(1)(cart)

    assert words in text_of(client.get(CART))
    for page in (INFORMATION, CONFIRMATION):
        assert client.get(page)["Location"] == CART
    fresh = quote(fetch(cart))
    client.post(CONFIRMATION, form | {"digest": fresh.digest})
    with pytest.raises(QuoteChanged):
        place_order(fetch(cart), fresh, token=VISA, language="en")
    assert not Order.objects.exists()


@pytest.mark.both_databases
@pytest.mark.django_db
def test_the_highest_price_times_the_most_units_is_shown_and_not_an_error(
    client: Client, mug: Product
) -> None:
    receive("MUG-01", 200, "delivery")
    fill(client, {"MUG-01": 1})
    Variant.objects.update(price_minor=2_147_483_647)
    CartLine.objects.update(quantity=99)

    for page in ("/", CART, mug.get_absolute_url()):
        assert client.get(page).status_code == 200


@pytest.mark.django_db
def test_more_than_one_order_may_have_is_not_added(mug: Product) -> None:
    receive("MUG-01", 50, "delivery")
    cart = make_cart({"MUG-01": 18})

    with pytest.raises(TooManyPerOrder) as refusal:
        carts.add(cart.uid, "MUG-01", 3)

    assert (refusal.value.most, refusal.value.in_cart) == (20, 18)
    assert "at most 20" in refusal.value.sentence
    assert cart.lines.get().quantity == 18


@pytest.mark.django_db
def test_the_limit_of_a_product_counts_all_its_variants() -> None:
    product = make_product("cap", skus=("CAP-BL", "CAP-RD"), pictures=0)
    Product.objects.update(most_per_order=3)
    cart = make_cart({"CAP-BL": 2, "CAP-RD": 1})

    with pytest.raises(TooManyPerOrder):
        carts.add(cart.uid, "CAP-RD", 1)

    assert quote(fetch(cart)).is_orderable
    carts.set_quantity(cart, cart.lines.get(variant__sku="CAP-RD").pk, 2)
    assert not quote(fetch(cart)).is_orderable
    assert product.variants.count() == 2


@pytest.mark.django_db
def test_the_product_s_page_names_the_limit_that_staff_set(
    client: Client, mug: Product
) -> None:
    assert 'max="20"' in client.get(mug.get_absolute_url()).content.decode()
    Product.objects.update(most_per_order=2)

    page = text_of(client.get(mug.get_absolute_url()))

    assert 'max="2"' in page
    assert "At most 2 per order." in page


@pytest.mark.django_db
def test_a_full_cart_takes_no_further_article(
    mug: Product, tea: Product, settings: Settings
) -> None:
    settings.MOST_LINES = 1
    cart = make_cart({"MUG-01": 1}, RECIPIENT)

    with pytest.raises(CartFull):
        carts.add(cart.uid, "TEA-01", 1)
    with pytest.raises(CartFull):
        carts.restore(cart, "TEA-01", 1)

    carts.add(cart.uid, "MUG-01", 1)
    assert cart.lines.aggregate(most=Max("quantity"))["most"] == 2


@pytest.mark.parametrize(
    ("method", "currency", "least", "most"),
    [
        ("card", "JPY", 50, LARGEST),
        ("card", "USD", 50, LARGEST),
        ("card", "GBP", 30, LARGEST),
        ("card", "ISK", 1, LARGEST),
        ("konbini", "JPY", 120, 300_000),
    ],
)
def test_each_method_has_its_smallest_and_largest_amount(
    settings: Settings, method: str, currency: str, least: int, most: int
) -> None:
    settings.PAYMENT_METHODS = [method]

    assert methods.smallest_amount(currency) == least
    assert methods.largest_amount(currency) == most
    for amount, fits in ((least - 1, False), (least, True), (most, True)):
        assert bool(methods.methods_for(amount, currency)) == fits
    assert methods.methods_for(most + 1, currency) == []


def test_the_widest_limits_of_all_methods_count(settings: Settings) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]

    assert methods.smallest_amount("JPY") == 50
    assert Money(methods.largest_amount("JPY")) == Money(LARGEST)
