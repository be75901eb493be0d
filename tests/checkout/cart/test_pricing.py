"""The price of a cart, and what the customer agreed to."""

from collections.abc import Callable

import pytest
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from checkout.cart import services as carts
from checkout.cart.models import Cart, CartLine
from checkout.cart.pricing import quote
from checkout.cart.tax import TaxLine
from checkout.placement.errors import InformationMissing
from checkout.placement.services import place_order
from checkout.shipping.models import ShippingMethod
from checkout.shipping.table import read_table
from inventory.services import adjust
from orders.models import Order
from shop.catalogue.models import Product, Variant
from shop.money import Money
from tests.support.shipping import add_rate, make_method, make_zone
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


def test_staff_edit_the_methods(mug: Product) -> None:
    make_method(rate=450)
    priced = quote(make_cart({"MUG-01": 9}))
    assert priced.shipping == Money(450)
    assert priced.free_shipping_gap is None


@pytest.mark.parametrize(("prefecture", "cost"), [("okinawa", 1500), ("tokyo", 600)])
def test_a_zone_has_its_own_rate(mug: Product, prefecture: str, cost: int) -> None:
    add_rate(make_method(), 1500, make_zone("Islands", "okinawa"))
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
    make_method(rate=601, free_from_minor=5000)


def change_method(cart: Cart) -> None:
    other = make_method("Express", 600, free_from_minor=5000)
    carts.keep_information(cart, RECIPIENT | {"method_id": other.pk})


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
        change_method,
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
    read_table()
    with django_assert_num_queries(2):  # lines with stock, the table's version
        quote(cart)


def test_the_only_method_need_not_be_chosen(mug: Product) -> None:
    make_method("Parcel", 700)
    priced = quote(make_cart({"MUG-01": 1}, RECIPIENT))
    assert (priced.shipping, priced.is_method_chosen) == (Money(700), True)
    assert priced.method_problem == ""


def test_among_several_methods_one_must_be_chosen(mug: Product) -> None:
    make_method("Parcel", 700)
    express = make_method("Express", 900, position=1)
    cart = make_cart({"MUG-01": 1}, RECIPIENT)
    priced = quote(cart)
    assert (priced.shipping, priced.is_method_chosen) == (Money(700), False)
    assert priced.method_problem == "Choose how we send your items."
    assert priced.shipping_is_estimate

    carts.keep_information(cart, RECIPIENT | {"method_id": express.pk})
    priced = quote(fetch(cart))
    assert (priced.shipping, priced.is_method_chosen) == (Money(900), True)
    assert not priced.shipping_is_estimate


def wishing(days: int = 3, slot: str = "1416") -> tuple[Cart, ShippingMethod]:
    """Return a cart whose customer chose the last of ``days``, and a slot."""
    method = make_method("Parcel", days_to_choose=days)
    cart = make_cart({"MUG-01": 1}, RECIPIENT)
    chosen = quote(cart).offers[0].days[-1]
    carts.keep_information(
        cart, RECIPIENT | {"delivery_on": chosen, "delivery_slot": slot}
    )
    return fetch(cart), method


def test_a_day_and_a_slot_can_be_chosen_from_the_promise_on(mug: Product) -> None:
    cart, _method = wishing()
    priced = quote(cart)
    assert priced.promise
    assert priced.offers[0].days[0] == priced.promise.latest
    assert len(priced.offers[0].days) == 3
    assert priced.wish_problem == ""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"days_to_choose": 2}, "Choose a delivery day from"),
        ({"days_to_choose": 0}, "Parcel has no choice of the day."),
        ({"days_from": 9, "days_to": 9}, "Choose a delivery day from"),
    ],
)
def test_a_day_that_can_no_longer_be_had_is_said(
    mug: Product, change: dict[str, int], problem: str
) -> None:
    cart, _method = wishing()
    before = quote(cart).digest
    ShippingMethod.objects.update(**change)
    priced = quote(fetch(cart))
    assert problem in priced.wish_problem
    with pytest.raises(InformationMissing):
        place_order(fetch(cart), priced, token="ctoken_1", language="en")
    assert not Order.objects.exists()
    if change != {"days_to_choose": 2}:
        return
    # The promise is the same, but the purchase is refused all the same.
    assert priced.digest == before


def test_a_slot_of_another_carrier_is_said(mug: Product) -> None:
    cart, _method = wishing(slot="1416")
    cart.temporary_order.delivery_slot = "1214"
    assert "does not deliver at that time" in quote(cart).wish_problem
    ShippingMethod.objects.update(carrier="sagawa")
    assert quote(cart).wish_problem == ""


@pytest.mark.parametrize("way", ["unserved", "off", "deleted"])
def test_a_chosen_method_that_cannot_be_had_must_be_chosen_again(
    mug: Product, way: str
) -> None:
    make_method("Parcel", 700)
    express = make_method("Express", 900, position=1)
    cart = make_cart({"MUG-01": 1}, RECIPIENT | {"method_id": express.pk})
    before = quote(cart).digest
    if way == "unserved":
        express.unserved.create(prefecture="tokyo")
    elif way == "off":
        ShippingMethod.objects.filter(pk=express.pk).update(is_active=False)
    else:
        ShippingMethod.objects.filter(pk=express.pk).delete()

    priced = quote(fetch(cart))
    assert priced.digest != before
    if way == "deleted":
        # Then it is as if none had been chosen, and there is only one.
        assert priced.is_method_chosen
        assert priced.shipping == Money(700)
    else:
        assert not priced.is_method_chosen
        assert priced.method_problem


def test_goods_that_no_method_carries_cannot_be_ordered(mug: Product) -> None:
    Variant.objects.update(weight_grams=3000)
    make_method("Parcel", most_grams=5000)
    cart = make_cart({"MUG-01": 1})
    assert quote(cart).is_orderable
    CartLine.objects.update(quantity=2)
    priced = quote(cart)
    assert not priced.is_orderable
    assert priced.obstacle == (
        "None of our shipping methods can carry these items. "
        "Parcel: Up to 5 kg; your items weigh 6 kg."
    )
