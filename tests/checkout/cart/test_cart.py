"""Changes of the cart."""

from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from checkout.cart import services as carts
from checkout.cart.errors import (
    CartNotOpen,
    NotEnough,
    NotForSale,
    TooManyPerOrder,
)
from checkout.cart.models import MOST_PER_LINE, Cart, CartLine
from inventory.services import adjust, receive
from shop.catalogue.models import Product, Variant
from shop.money import Money
from tests.support.shopping import RECIPIENT, make_cart, recipient_of


def contents(cart: Cart) -> dict[str, int]:
    return dict(cart.lines.values_list("variant__sku", "quantity"))


def test_the_first_thing_added_opens_a_cart(mug: Product) -> None:
    line = carts.add(None, "MUG-01", 2)
    assert contents(line.cart) == {"MUG-01": 2}
    assert line.seen_minor == 1800


def test_the_same_again_adds_up(mug: Product) -> None:
    cart = make_cart({"MUG-01": 2})
    carts.add(cart.uid, "MUG-01", 3)
    assert contents(cart) == {"MUG-01": 5}


def test_an_unknown_cart_is_replaced(mug: Product) -> None:
    line = carts.add(uuid4(), "MUG-01", 1)
    assert contents(line.cart) == {"MUG-01": 1}


def test_more_than_there_is_is_refused_and_changes_nothing(mug: Product) -> None:
    cart = make_cart({"MUG-01": 8})
    with pytest.raises(NotEnough) as refusal:
        carts.add(cart.uid, "MUG-01", 3)
    assert (refusal.value.free, refusal.value.in_cart) == (10, 8)
    assert contents(cart) == {"MUG-01": 8}


def test_a_line_has_an_upper_limit(mug: Product) -> None:
    receive("MUG-01", 500, "delivery")
    Product.objects.update(most_per_order=MOST_PER_LINE)
    cart = make_cart({"MUG-01": MOST_PER_LINE})
    with pytest.raises(TooManyPerOrder) as refusal:
        carts.add(cart.uid, "MUG-01", 1)
    assert refusal.value.most == MOST_PER_LINE


@pytest.mark.parametrize("sku", ["MUG-01", "NO-SUCH"])
def test_what_is_not_for_sale_opens_no_cart(mug: Product, sku: str) -> None:
    Variant.objects.update(is_active=False)
    with pytest.raises(NotForSale):
        carts.add(None, sku, 1)
    assert not Cart.objects.exists()


def test_a_new_quantity_agrees_to_the_price_of_today(mug: Product) -> None:
    cart = make_cart({"MUG-01": 1})
    Variant.objects.update(price_minor=2000)
    carts.set_quantity(cart, cart.lines.get().pk, 3)
    line = cart.lines.get()
    assert (line.quantity, line.seen_minor) == (3, 2000)


def test_the_line_of_another_cart_cannot_be_changed(mug: Product) -> None:
    mine, other = make_cart({"MUG-01": 1}), make_cart({"MUG-01": 1})
    carts.set_quantity(mine, other.lines.get().pk, 5)
    assert carts.remove(mine, other.lines.get().pk) is None
    assert contents(other) == {"MUG-01": 1}


def test_a_removal_can_be_undone_once(mug: Product) -> None:
    cart = make_cart({"MUG-01": 2})
    gone = carts.remove(cart, cart.lines.get().pk)
    assert gone is not None
    assert contents(cart) == {}
    carts.restore(cart, "MUG-01", gone.quantity)
    carts.restore(cart, "MUG-01", gone.quantity)
    assert contents(cart) == {"MUG-01": 2}


def test_removing_twice_is_removing_once(mug: Product) -> None:
    cart = make_cart({"MUG-01": 2})
    line = cart.lines.get().pk
    assert carts.remove(cart, line) is not None
    assert carts.remove(cart, line) is None


def test_what_was_sold_meanwhile_can_still_be_put_back(mug: Product) -> None:
    cart = make_cart({"MUG-01": 2})
    carts.remove(cart, cart.lines.get().pk)
    adjust("MUG-01", -10, "shelf", "broken", "staff")
    carts.restore(cart, "MUG-01", 2)
    assert contents(cart) == {"MUG-01": 2}


def test_a_cart_being_ordered_cannot_be_changed(mug: Product) -> None:
    cart = make_cart({"MUG-01": 2}, RECIPIENT)
    line = cart.lines.get().pk
    assert carts.freeze(cart)
    for change in (
        lambda: carts.set_quantity(cart, line, 1),
        lambda: carts.remove(cart, line),
        lambda: carts.restore(cart, "MUG-01", 1),
        lambda: carts.keep_information(cart, RECIPIENT | {"city": "渋谷区"}),
    ):
        with pytest.raises(CartNotOpen):
            change()
    assert contents(cart) == {"MUG-01": 2}
    assert recipient_of(cart).city == "港区"


def test_buying_on_while_an_order_is_processed_fills_a_new_cart(mug: Product) -> None:
    cart = make_cart({"MUG-01": 2})
    carts.freeze(cart)
    line = carts.add(cart.uid, "MUG-01", 1)
    assert line.cart_id != cart.pk
    assert contents(cart) == {"MUG-01": 2}


def test_only_one_of_two_can_freeze_a_cart(mug: Product) -> None:
    cart = make_cart({"MUG-01": 2})
    assert carts.freeze(cart)
    assert not carts.freeze(cart)


def test_a_cart_that_comes_back_has_a_new_key(mug: Product) -> None:
    cart = make_cart({"MUG-01": 2})
    key = cart.checkout_key
    carts.freeze(cart)
    carts.reopen(key)
    carts.reopen(key)
    cart.refresh_from_db()
    assert cart.state == Cart.State.OPEN
    assert cart.checkout_key != key


def test_an_open_cart_is_not_reopened(mug: Product) -> None:
    cart = make_cart({"MUG-01": 2})
    key = cart.checkout_key
    carts.reopen(key)
    cart.refresh_from_db()
    assert cart.checkout_key == key


def test_information_is_kept_and_replaced(mug: Product) -> None:
    cart = make_cart({"MUG-01": 1}, RECIPIENT)
    carts.keep_information(cart, RECIPIENT | {"city": "渋谷区"})
    assert recipient_of(cart).city == "渋谷区"
    # The cart in hand knows it as well, without asking again.
    assert cart.temporary_order.city == "渋谷区"


def test_the_summary_counts_units_at_the_price_of_today(
    mug: Product, tea: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cart = make_cart({"MUG-01": 2, "TEA-01": 1})
    with django_assert_num_queries(1):
        summary = carts.summarise(cart.uid)
    assert (summary.count, summary.total) == (3, Money(4300))


def test_the_summary_of_an_ordered_cart_is_empty(mug: Product) -> None:
    cart = make_cart({"MUG-01": 2})
    carts.freeze(cart)
    assert carts.summarise(cart.uid).count == 0
    assert CartLine.objects.filter(cart=cart).count() == 1
