"""A sale price counts from its beginning to its end, on every page, to the moment."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from checkout.cart.pricing import quote
from checkout.cart.services import set_quantity, summarise
from checkout.placement.services import place_order
from orders.models import Order
from shop import database_clock
from shop.catalogue.models import Product, Variant
from shop.money import Money
from tests.conftest import Clock
from tests.support.catalogue import make_product, make_variant
from tests.support.clock import wrong_clock
from tests.support.shopping import CART, RECIPIENT, fetch, fill, make_cart

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
STRUCK = '<s class="price-before"><span class="visually-hidden">Regular price </span>'


def put_on_sale(
    minor: int = 1500, begins: datetime | None = None, ends: datetime | None = None
) -> None:
    Variant.objects.filter(sku="MUG-01").update(
        sale_minor=minor, sale_from=begins, sale_until=ends
    )


def price() -> int:
    return Variant.objects.priced().get(sku="MUG-01").price.minor


def text_of(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        (None, None, 1500),
        (NOW, None, 1500),
        (NOW + SECOND, None, 1800),
        (None, NOW, 1800),
        (None, NOW + SECOND, 1500),
        (NOW - SECOND, NOW + SECOND, 1500),
        (NOW - 2 * SECOND, NOW - SECOND, 1800),
    ],
)
def test_a_sale_includes_its_beginning_and_not_its_end(
    clock: Clock,
    mug: Product,
    begins: datetime | None,
    ends: datetime | None,
    expected: int,
) -> None:
    put_on_sale(begins=begins, ends=ends)
    variant = Variant.objects.get(sku="MUG-01")
    cart = make_cart({"MUG-01": 2})

    assert price() == expected
    assert variant.price == Money(expected)
    assert variant.price_before == (Money(1800) if expected == 1500 else None)
    assert quote(cart).lines[0].unit == Money(expected)
    assert summarise(cart.uid).total == Money(2 * expected)


@pytest.mark.parametrize("minutes", [5, -5])
def test_the_databases_clock_decides_on_every_host(mug: Product, minutes: int) -> None:
    begun = database_clock.read() - timedelta(minutes=1)
    put_on_sale(begins=begun, ends=begun + timedelta(minutes=3))
    with wrong_clock(timedelta(minutes=minutes)):
        assert price() == 1500


@pytest.mark.parametrize("minor", [0, 1800, 1900])
def test_a_sale_price_below_nothing_or_above_the_price_is_refused(
    mug: Product, minor: int
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        put_on_sale(minor)
    assert price() == 1800


def test_a_sale_that_ends_before_it_begins_is_refused(mug: Product) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        put_on_sale(begins=NOW, ends=NOW)
    assert Variant.objects.get(sku="MUG-01").sale_from is None


def test_lists_and_product_show_the_regular_price_struck_through(
    client: Client, mug: Product
) -> None:
    put_on_sale(ends=database_clock.read() + timedelta(days=400))
    for path in ("/", "/c/kitchen/", "/search/?q=mug", "/p/mug/"):
        shown = text_of(client, path)
        assert "¥1,500" in shown
        assert f"{STRUCK}¥1,800</s>" in shown
    assert "Sale price until" in text_of(client, "/p/mug/")


def test_without_a_sale_nothing_is_struck_through(client: Client, mug: Product) -> None:
    for path in ("/", "/p/mug/"):
        assert "price-before" not in text_of(client, path)


def test_the_lowest_price_of_now_sorts_and_stands_in_the_list(client: Client) -> None:
    mug = make_product(price_minor=1800)
    make_variant(mug, "MUG-02", 2000)
    make_product("tea", skus=("TEA-01",), price_minor=1600, name_en="Tea")
    # Now the dearer of the two is cheaper than the other, and than the tea.
    Variant.objects.filter(sku="MUG-02").update(sale_minor=1000)

    shown = text_of(client, "/goods/?sort=price")

    assert shown.index("Morning Mug") < shown.index(">Tea<")
    assert "from ¥1,000" in shown
    assert f"{STRUCK}¥2,000</s>" in shown


def test_a_sale_begins_and_ends_on_kept_pages_to_the_moment(
    clock: Clock, client: Client, mug: Product, kept_pages: float
) -> None:
    moment = timedelta(microseconds=1)
    begins = NOW + timedelta(seconds=7)
    put_on_sale(begins=begins, ends=begins + timedelta(seconds=11))
    for path in ("/", "/p/mug/"):
        for when, expected in (
            (begins - moment, "¥1,800"),
            (begins, "¥1,500"),
            (begins + timedelta(seconds=11) - moment, "¥1,500"),
            (begins + timedelta(seconds=11), "¥1,800"),
        ):
            clock.move_to(when)
            shown = text_of(client, path)
            assert expected in shown
            assert ("</s>" in shown) is (expected == "¥1,500")


def test_a_release_shows_on_kept_pages_at_its_moment(
    clock: Clock, client: Client, mug: Product, kept_pages: float
) -> None:
    Product.objects.update(released_at=NOW + timedelta(seconds=7))
    clock.move_to(NOW + timedelta(seconds=7) - timedelta(microseconds=1))
    assert "Morning Mug" not in text_of(client, "/")
    clock.shift(timedelta(microseconds=1))
    assert "Morning Mug" in text_of(client, "/")


def test_a_kept_page_of_a_sale_takes_one_statement(
    client: Client,
    mug: Product,
    kept_pages: float,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    put_on_sale()
    client.get("/")
    with django_assert_num_queries(1):
        client.get("/")


def test_the_cart_tells_that_a_sale_is_over(
    clock: Clock, client: Client, mug: Product
) -> None:
    put_on_sale(ends=NOW + SECOND)
    cart = fill(client, {"MUG-01": 1})
    shown = text_of(client, CART)
    assert "¥1,500 each" in shown
    assert f"{STRUCK}¥1,800</s>" in shown

    clock.shift(SECOND)

    shown = text_of(client, CART)
    assert "it was ¥1,500, now it is ¥1,800" in shown
    assert "</s>" not in shown
    set_quantity(cart, cart.lines.get().pk, 2)
    assert not quote(fetch(cart)).lines[0].price_changed


def test_an_order_records_the_price_paid(clock: Clock, mug: Product) -> None:
    put_on_sale(ends=NOW + SECOND)
    cart = make_cart({"MUG-01": 2}, RECIPIENT)
    priced = quote(cart)
    seen = priced.digest
    order = place_order(cart, priced, token="t", language="en")
    clock.shift(SECOND)

    assert order.lines.get().unit_minor == 1500
    assert Order.objects.get().subtotal_minor == 3000
    assert price() == 1800
    # What the customer agreed to is not what counts after the end.
    assert quote(make_cart({"MUG-01": 2}, RECIPIENT)).digest != seen
