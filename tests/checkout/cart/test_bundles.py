"""A bundle is its parts: in stock, in the cart, in the order, in tax and returns."""

import pytest
from django.test import Client

from checkout.cart.errors import NotEnough
from checkout.cart.pricing import quote
from checkout.cart.services import add
from checkout.placement.errors import SoldOut
from inventory.models import Hold, StockItem
from inventory.selectors import sellable_by_sku
from inventory.services import adjust
from orders.models import Order
from saga.engine import run
from shop.catalogue.models import BundlePart, Product, Variant
from shop.money import Money
from tests.conftest import Clock
from tests.support.catalogue import make_product
from tests.support.invariants import assert_ledger_adds_up
from tests.support.ordering import place
from tests.support.shopping import CART, RECIPIENT, fetch, make_cart, text_of
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

ADD = "/cart/add/"


@pytest.fixture
def breakfast(db: None) -> Product:
    """A mug (10 %) and two teas (8 %) for 2,999 yen in place of 3,400."""
    make_product("mug", skus=("MUG-01",), price_minor=1800, units=7)
    make_product("tea", skus=("TEA-01",), price_minor=800, units=9, tax_rate=8)
    product = make_product(
        "set",
        skus=("SET-01",),
        price_minor=2999,
        units=0,
        name_en="Breakfast set",
        name_ja="朝食セット",
    )
    for sku, quantity in (("MUG-01", 1), ("TEA-01", 2)):
        variant = Variant.objects.get(sku=sku)
        BundlePart.objects.create(bundle=product, variant=variant, quantity=quantity)
    return product


def test_it_can_be_sold_as_often_as_its_parts_make_it(breakfast: Product) -> None:
    skus = ["SET-01", "MUG-01", "TEA-01", "NO-SUCH"]
    assert sellable_by_sku(skus) == {"SET-01": 4, "MUG-01": 7, "TEA-01": 9}
    adjust("TEA-01", -8, "broken", "broken", "ken")
    assert sellable_by_sku(["SET-01"]) == {"SET-01": 0}


def test_its_page_says_what_is_in_it_and_what_it_saves(
    breakfast: Product, client: Client
) -> None:
    page = text_of(client.get("/p/set/"))
    assert 'href="/p/mug/"' in page
    assert "\u00d7 2" in page
    assert "¥3,400 one by one: you save ¥401." in page
    assert "4 left" in page


def test_the_cart_has_its_parts_and_the_price_of_the_whole(
    breakfast: Product, client: Client
) -> None:
    client.post(ADD, {"sku": "SET-01", "quantity": 2})
    page = text_of(client.get(CART))
    assert "Breakfast set" in page
    assert "-¥802" in page
    cart = make_cart({"SET-01": 2})
    assert {line.sku: line.quantity for line in quote(cart).lines} == {
        "MUG-01": 2,
        "TEA-01": 4,
    }


@pytest.mark.parametrize(
    ("units", "off"),
    [
        ({"MUG-01": 1, "TEA-01": 1}, 0),
        ({"MUG-01": 1, "TEA-01": 2}, 401),
        ({"MUG-01": 3, "TEA-01": 5}, 802),
        ({"SET-01": 1, "MUG-01": 1}, 401),
    ],
)
def test_it_counts_as_often_as_all_its_parts_are_there(
    breakfast: Product, units: dict[str, int], off: int
) -> None:
    assert quote(make_cart(units)).discount == Money(off, "JPY")


def test_price_and_tax_are_divided_by_the_rates_of_the_parts(
    breakfast: Product,
) -> None:
    priced = quote(make_cart({"SET-01": 1}, RECIPIENT))
    # 401 of 3,400: 212 of the mug's 1,800, and 189 of the teas' 1,600.
    assert [line.discount.minor for line in priced.lines] == [212, 189]
    shipping = priced.shipping.minor
    gross = {line.rate: line.gross.minor for line in priced.tax}
    assert gross == {10: 1800 - 212 + shipping, 8: 1600 - 189}
    assert [line.tax.minor for line in priced.tax] == [
        round((1588 + shipping) * 10 / 110),
        round(1411 * 8 / 108),
    ]
    assert priced.total.minor == 2999 + shipping


def test_of_two_bundles_that_share_a_part_the_one_that_saves_more_counts(
    breakfast: Product,
) -> None:
    other = make_product("pair", skus=("PAIR-01",), price_minor=2000, units=0)
    for sku in ("MUG-01", "TEA-01"):
        variant = Variant.objects.get(sku=sku)
        BundlePart.objects.create(bundle=other, variant=variant)
    bundles = quote(make_cart({"MUG-01": 1, "TEA-01": 2})).bundles
    assert [(one.product, one.times) for one in bundles] == [(other.pk, 1)]


def test_a_bundle_that_went_off_sale_or_became_dear_saves_nothing(
    breakfast: Product,
) -> None:
    cart = make_cart({"SET-01": 1})
    Variant.objects.filter(sku="SET-01").update(price_minor=5000)
    assert quote(cart).bundles == ()
    Variant.objects.filter(sku="SET-01").update(price_minor=1000, is_active=False)
    assert quote(cart).bundles == ()


def test_all_parts_are_put_in_or_none(breakfast: Product) -> None:
    cart = make_cart({"MUG-01": 1})
    with pytest.raises(NotEnough):
        add(cart.uid, "SET-01", 5)
    assert {line.variant.sku for line in fetch(cart).lines.all()} == {"MUG-01"}


def test_the_order_is_of_parts_and_gives_them_back(
    breakfast: Product, gateway: object, clock: Clock
) -> None:
    order, saga = place(make_cart({"SET-01": 2}, RECIPIENT))
    lines = order.lines.order_by("sku").values_list("sku", "quantity")
    assert list(lines) == [("MUG-01", 2), ("TEA-01", 4)]
    assert [one.name for one in order.given] == ["Breakfast set"]
    # A part that comes back is refunded with what was paid for it.
    paid = {line.sku: line.paid_minor for line in order.lines.all()}
    assert paid == {"MUG-01": 3600 - 425, "TEA-01": 3200 - 377}

    run(saga.pk)

    order.refresh_from_db()
    assert order.status == Order.Status.CONFIRMED
    assert StockItem.objects.get(sku="TEA-01").on_hand == 5
    assert not StockItem.objects.filter(sku="SET-01").exists()
    assert_ledger_adds_up()


def test_an_order_that_fails_holds_none_of_the_parts(
    breakfast: Product, gateway: object, clock: Clock
) -> None:
    order, saga = place(make_cart({"SET-01": 2}, RECIPIENT))
    adjust("TEA-01", -7, "broken", "broken", "ken")
    run(saga.pk)
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert not Hold.objects.active().exists()
    assert_ledger_adds_up()


@pytest.mark.django_db(transaction=True)
def test_buyers_of_bundle_and_parts_at_once_sell_what_is_there(
    breakfast: Product, gateway: object
) -> None:
    carts = [
        make_cart({"SET-01" if number % 2 else "TEA-01": 1}, RECIPIENT)
        for number in range(12)
    ]
    answers = run_together(carts, lambda cart: run(place(cart)[1].pk))

    assert {type(error) for error in exceptions_in(answers)} <= {SoldOut}
    sold = Order.objects.filter(status=Order.Status.CONFIRMED)
    teas = sum(line.quantity for one in sold for line in one.lines.filter(sku="TEA-01"))
    assert StockItem.objects.get(sku="TEA-01").on_hand == 9 - teas >= 0
    assert teas >= 8
    assert_ledger_adds_up()
