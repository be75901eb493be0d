"""The price of a cart, and what the customer agreed to."""

from collections.abc import Callable

import pytest
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from checkout.cart import services as carts
from checkout.cart.models import (
    Cart,
    CartLine,
    ShippingTerms,
    ShippingZone,
    ZonePrefecture,
)
from checkout.cart.pricing import TaxLine, quote
from inventory.services import adjust
from shop.catalogue.models import Product, Variant
from shop.money import Money
from tests.support.shopping import RECIPIENT, fetch, make_cart


def test_goods_and_the_flat_shipping_add_up(mug: Product) -> None:
    priced = quote(make_cart({"MUG-01": 2}))
    assert priced.subtotal == Money(3600)
    assert priced.shipping == Money(600)
    assert priced.total == Money(4200)
    assert priced.shipping_is_estimate
    assert priced.is_orderable
    assert priced.count == 2


def test_tax_is_rounded_once_per_rate_and_shipping_counts_at_ten(
    mug: Product, tea: Product
) -> None:
    priced = quote(make_cart({"MUG-01": 1, "TEA-01": 3}))
    # 1,800 + 600 shipping hold 2400 * 10 / 110 = 218.18; 2,100 hold 155.56.
    assert priced.tax == (
        TaxLine(10, Money(2400), Money(218)),
        TaxLine(8, Money(2100), Money(156)),
    )


def test_shipping_is_free_from_the_amount_on(mug: Product, tea: Product) -> None:
    below = quote(make_cart({"MUG-01": 2, "TEA-01": 1}))
    assert below.free_shipping_gap == Money(700)
    assert below.shipping == Money(600)
    at = quote(make_cart({"MUG-01": 2, "TEA-01": 2}))
    assert at.subtotal == Money(5000)
    assert at.shipping == Money(0)
    assert at.free_shipping_gap is None
    # Free shipping contains no tax.
    assert [line.rate for line in at.tax] == [10, 8]
    assert at.tax[0].gross == Money(3600)


def test_staff_edit_the_terms(mug: Product) -> None:
    ShippingTerms.objects.create(pk=1, flat_minor=450, free_from_minor=None)
    priced = quote(make_cart({"MUG-01": 9}))
    assert priced.shipping == Money(450)
    assert priced.free_shipping_gap is None


@pytest.mark.parametrize(("prefecture", "cost"), [("okinawa", 1500), ("tokyo", 600)])
def test_a_zone_has_its_own_rate(mug: Product, prefecture: str, cost: int) -> None:
    far = ShippingZone.objects.create(name="Islands", rate_minor=1500)
    ZonePrefecture.objects.create(zone=far, prefecture="okinawa")
    priced = quote(make_cart({"MUG-01": 1}, RECIPIENT | {"prefecture": prefecture}))
    assert priced.shipping == Money(cost)
    assert not priced.shipping_is_estimate


def test_an_empty_cart_costs_nothing_and_cannot_be_ordered(db: None) -> None:
    priced = quote(carts.open_cart(None))
    assert priced.total == Money(0)
    assert priced.tax == ()
    assert not priced.is_orderable


def test_a_changed_price_is_known_as_such(mug: Product) -> None:
    cart = make_cart({"MUG-01": 1})
    assert not quote(cart).lines[0].price_changed
    Variant.objects.update(price_minor=2000)
    line = quote(cart).lines[0]
    assert line.price_changed
    assert (line.seen, line.unit) == (Money(1800), Money(2000))


def test_too_few_units_make_a_line_unavailable(mug: Product) -> None:
    cart = make_cart({"MUG-01": 3})
    adjust("MUG-01", -8, "shelf", "broken", "staff")
    line = quote(cart).lines[0]
    assert (line.free, line.quantity, line.is_available) == (2, 3, False)
    assert not quote(cart).is_orderable


@pytest.mark.parametrize("model", [Product, Variant])
def test_what_is_off_sale_cannot_be_had(
    mug: Product, model: type[Product | Variant]
) -> None:
    cart = make_cart({"MUG-01": 1})
    model.objects.update(is_active=False)
    line = quote(cart).lines[0]
    assert line.free == 0
    assert line.url == ""
    assert not quote(cart).is_orderable


def test_lines_speak_the_language_of_the_page(mug: Product) -> None:
    cart = make_cart({"MUG-01": 1})
    assert quote(cart).lines[0].name == "Morning Mug"
    assert quote(cart).lines[0].variant == "Label MUG-01"
    with override("ja"):
        assert quote(cart).lines[0].name == "朝のマグカップ"


def test_the_digest_is_the_same_while_nothing_changes(mug: Product) -> None:
    cart = make_cart({"MUG-01": 1}, RECIPIENT)
    digest = quote(cart).digest
    assert len(digest) == 64
    assert quote(fetch(cart)).digest == digest
    with override("ja"):
        assert quote(fetch(cart)).digest == digest


def change_price(_cart: Cart) -> None:
    Variant.objects.update(price_minor=1801)


def change_quantity(cart: Cart) -> None:
    CartLine.objects.filter(cart=cart).update(quantity=2)


def change_tax(_cart: Cart) -> None:
    Product.objects.update(tax_rate=8)


def change_shipping(_cart: Cart) -> None:
    ShippingTerms.objects.create(pk=1, flat_minor=601)


def change_street(cart: Cart) -> None:
    carts.keep_information(cart, RECIPIENT | {"street": "西麻布1-2-4"})


def change_delivery(cart: Cart) -> None:
    carts.keep_information(cart, RECIPIENT | {"delivery": "leave"})


@pytest.mark.parametrize(
    "change",
    [
        change_price,
        change_quantity,
        change_tax,
        change_shipping,
        change_street,
        change_delivery,
    ],
)
def test_the_digest_changes_with_everything_agreed_to(
    mug: Product, change: Callable[[Cart], None]
) -> None:
    cart = make_cart({"MUG-01": 1}, RECIPIENT)
    before = quote(cart).digest
    change(cart)
    assert quote(fetch(cart)).digest != before


def test_few_queries_however_many_lines(
    mug: Product, tea: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cart = make_cart({"MUG-01": 1, "TEA-01": 1}, RECIPIENT)
    with django_assert_num_queries(2):  # lines with stock, shipping
        quote(cart)
