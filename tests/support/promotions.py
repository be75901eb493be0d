"""Factories of discounts, coupon codes and limits, and the count of their uses."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from checkout.cart.models import Cart
from checkout.promotions import codes
from checkout.promotions.models import (
    CouponCode,
    Discount,
    DiscountUse,
    LimitedPurchase,
    PurchaseLimit,
)
from orders.models import Order
from shop import database_clock
from shop.catalogue.models import Product, Variant

BEGUN = timedelta(days=1)


def make_discount(**fields: Any) -> Discount:
    """Create a discount of 10 % by code, or what ``fields`` say. It began yesterday."""
    kind = fields.get("kind", "percentage")
    usual: dict[str, Any] = {
        "name_en": "Ten off",
        "name_ja": "10%引き",
        "kind": kind,
        "percent": 10 if kind == "percentage" else None,
        "starts_at": database_clock.read() - BEGUN,
    }
    return Discount.objects.create(**usual | fields)


def make_code(
    code: str = "WELCOME", most: int | None = None, **fields: Any
) -> CouponCode:
    """Create a code of a discount that ``fields`` describe."""
    discount = fields.pop("discount", None) or make_discount(**fields)
    return CouponCode.objects.create(
        discount=discount, code=code, key=codes.key_of(code), most=most
    )


def limit(sku: str, most: int, days: int | None = None) -> PurchaseLimit:
    product = Product.objects.get(variants=Variant.objects.get(sku=sku))
    return PurchaseLimit.objects.create(product=product, most=most, days=days)


def with_coupon(cart: Cart, code: CouponCode) -> Cart:
    Cart.objects.filter(pk=cart.pk).update(coupon=code)
    return Cart.objects.select_related("temporary_order", "coupon").get(pk=cart.pk)


def mailed_by(cart: Cart, email: str) -> Cart:
    """Give the cart's customer another mail address."""
    cart.temporary_order.email = email
    cart.temporary_order.save(update_fields=["email"])
    return cart


def moved_back(when: datetime) -> None:
    """Let all limited purchases have been made at ``when``."""
    LimitedPurchase.objects.update(taken_at=when)


def assert_uses_are_those_of_orders() -> None:
    """I6: a discount is used as often as orders that stand have it, and no more."""
    standing = Order.objects.exclude(status=Order.Status.CANCELLED)
    shown = Counter(
        each["code"] for order in standing for each in order.discounts if each["code"]
    )
    for code in CouponCode.objects.all():
        held = DiscountUse.objects.held().filter(code=code)
        assert code.used == held.count() == shown[code.code], (
            f"I6: {code} is miscounted"
        )
        assert code.most is None or code.used <= code.most, f"I6: {code} is oversold"
    numbers = set(standing.values_list("number", flat=True))
    for model in (DiscountUse, LimitedPurchase):
        held_by = model.objects.filter(given_back_at=None)
        stray = set(held_by.values_list("reference", flat=True)) - numbers
        assert not stray, f"I6: {stray} hold uses and are no orders that stand"
