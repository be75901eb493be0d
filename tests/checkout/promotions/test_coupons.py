"""What a cart's coupon code gives, or why it gives nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.cart.quotes import Quote
from checkout.placement.services import place_order
from checkout.promotions.models import CouponCode, Discount, DiscountUse
from orders.models import Order
from shop import database_clock
from shop.catalogue.models import Product
from shop.money import Money
from tests.support.orders import VISA, make_cart
from tests.support.promotions import (
    assert_uses_are_those_of_orders,
    mailed_by,
    make_code,
    make_discount,
    with_coupon,
)

pytestmark = pytest.mark.django_db


def priced(code: CouponCode, units: dict[str, int] | None = None) -> Quote:
    return quote(with_coupon(make_cart(units or {"MUG-01": 2}), code))


def place(cart: Cart) -> Order:
    return place_order(cart, quote(cart), token=VISA, language="en")


def test_a_percentage_comes_off_the_items_and_their_tax() -> None:
    found = priced(make_code())

    assert (found.subtotal, found.discount) == (Money(3600), Money(360))
    assert (found.shipping, found.total) == (Money(600), Money(3840))
    # 3,840 * 10 / 110 = 349.09
    assert [(one.gross.minor, one.tax.minor) for one in found.tax] == [(3840, 349)]
    assert [one.code for one in found.given] == ["WELCOME"]


def test_free_shipping_takes_the_delivery_off() -> None:
    found = priced(make_code(kind="free_shipping"))

    assert (found.discount, found.shipping) == (Money(0), Money(0))
    assert found.total == Money(3600)
    assert found.given[0].shipping == Money(600)


def test_without_a_discount_nothing_is_given() -> None:
    found = quote(make_cart())

    assert (found.given, found.discount, found.coupon_problem) == ((), Money(0), "")


YESTERDAY, TOMORROW = timedelta(days=-1), timedelta(days=1)
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"is_paused": True}, "is no longer valid"),
    ({"starts_at": 2 * YESTERDAY, "ends_at": YESTERDAY}, "is no longer valid"),
    ({"starts_at": TOMORROW}, "is valid from"),
    ({"least_minor": 3601}, "for items of ¥3,601 or more"),
]


@pytest.mark.parametrize(("fields", "words"), REFUSED)
def test_the_cart_says_why_a_code_gives_nothing(
    fields: dict[str, Any], words: str
) -> None:
    now = database_clock.read()
    fields = {
        name: now + value if isinstance(value, timedelta) else value
        for name, value in fields.items()
    }

    found = priced(make_code(**fields))

    assert words in found.coupon_problem
    assert found.total == Money(4200)
    assert found.is_orderable


def test_a_code_for_other_items_gives_nothing(tea: Product) -> None:
    code = make_code()
    code.discount.products.add(tea)

    assert "not for any item" in priced(code).coupon_problem
    mixed = priced(code, {"MUG-01": 1, "TEA-01": 1})
    assert mixed.discount == Money(70)
    assert [line.discount.minor for line in mixed.lines] == [0, 70]


def test_a_code_for_a_category_is_for_its_products(tea: Product) -> None:
    code = make_code()
    code.discount.categories.add(tea.category)

    assert priced(code, {"MUG-01": 1, "TEA-01": 1}).discount.minor in (70, 250)


def test_a_used_up_or_paused_code_gives_nothing() -> None:
    code = make_code(most=1)
    CouponCode.objects.update(used=1)
    assert "has been used up" in priced(code).coupon_problem
    CouponCode.objects.update(used=0, is_paused=True)
    assert "no longer valid" in priced(code).coupon_problem


def test_a_better_automatic_discount_leaves_the_code_unused() -> None:
    make_discount(by_code=False, percent=30, name_en="Summer sale")
    code = make_code()

    found = priced(code)

    assert found.discount == Money(1080)
    assert "You already save more with “Summer sale”" in found.coupon_problem
    assert [one.code for one in found.given] == [""]


def test_discounts_that_combine_are_both_given() -> None:
    make_discount(by_code=False, kind="free_shipping", is_combinable=True)

    found = priced(make_code(is_combinable=True))

    assert [one.code for one in found.given] == ["WELCOME", ""]
    assert found.total == Money(3240)


def test_a_total_below_what_can_be_charged_is_refused_in_words() -> None:
    found = priced(make_code(kind="amount", amount_minor=9000, percent=None))
    free = quote(with_coupon(make_cart({"MUG-01": 3}), make_code("ALL", percent=100)))

    assert found.total == Money(600)
    assert found.is_orderable
    assert free.total == Money(0)
    assert not free.is_orderable
    assert "With your discount the total is ¥0" in free.obstacle


def test_the_order_keeps_what_was_given() -> None:
    code = make_code()

    with override("ja"):
        order = place(with_coupon(make_cart({"MUG-01": 2}), code))

    order.refresh_from_db()
    assert (order.discount_minor, order.total_minor) == (360, 3840)
    assert order.payment.amount_minor == 3840
    assert order.discounts == [
        {"name": "10%引き", "code": "WELCOME", "amount": 360, "shipping": 0}
    ]
    assert order.lines.get().discount_minor == 360
    use = DiscountUse.objects.get()
    assert (use.reference, use.code, use.amount_minor) == (order.number, code, 360)
    assert_uses_are_those_of_orders()


def test_the_customer_s_own_limit_counts_the_folded_address() -> None:
    code = make_code(most_per_customer=1)
    place(with_coupon(make_cart(), code))
    again = with_coupon(mailed_by(make_cart(), "HANAKO@example.com"), code)
    other = with_coupon(mailed_by(make_cart(), "jiro@example.com"), code)

    assert "can be used once per customer" in quote(again).coupon_problem
    assert quote(other).discount == Money(180)


def test_an_automatic_discount_can_be_for_each_customer_s_first_order() -> None:
    make_discount(by_code=False, most_per_customer=1)

    first, second = make_cart(), make_cart()
    assert quote(first).discount == Money(180)
    place(first)

    assert quote(second).discount == Money(0)
    assert Discount.objects.get().uses.count() == 1
