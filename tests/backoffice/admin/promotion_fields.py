"""The fields of discounts, coupon codes and purchase limits, and where they show."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model
from django.test import Client

from checkout.promotions import codes
from checkout.promotions.customers import Buyer
from checkout.promotions.models import (
    CouponCode,
    Discount,
    DiscountUse,
    PurchaseLimit,
)
from shop.catalogue.models import Category, Product
from tests.backoffice.admin.places import Shop
from tests.backoffice.admin.staff_fields import FUTURE, PAST, Change, named
from tests.support.promotions import limit, make_code, make_discount
from tests.support.shopping import RECIPIENT, fill

CODE = "MEMBERS"


def set_up() -> None:
    """Make ten per cent for members, by code, and a limit for tea: in no cart yet."""
    make_code(CODE, name_en="Members", name_ja="会員", starts_at=PAST)
    limit("TEA-01", 50, days=30)


def _members() -> Discount:
    return Discount.objects.get(name_en="Members")


OBJECTS: dict[str, Callable[[], Model]] = {
    "checkout.Discount": _members,
    "checkout.CouponCode": CouponCode.objects.get,
    "checkout.PurchaseLimit": PurchaseLimit.objects.get,
}


def apply(thing: Model, name: str, value: Any) -> bool:
    """Set a field that is more than a value. Return whether it was one of these."""
    if isinstance(thing, Discount) and name == "kind":
        thing.kind, thing.percent = value, None
    elif isinstance(thing, Discount) and name == "products":
        thing.products.set(Product.objects.filter(slug=value))
    elif isinstance(thing, Discount) and name == "categories":
        thing.categories.set(Category.objects.filter(slug=value))
    elif isinstance(thing, CouponCode) and name == "code":
        thing.code, thing.key = value, codes.key_of(value)
    elif isinstance(thing, CouponCode) and name == "discount":
        thing.discount = Discount.objects.get(name_en=value)
    elif isinstance(thing, PurchaseLimit) and name == "product":
        thing.product = Product.objects.get(slug=value)
    else:
        return False
    return True


def _enter(client: Client, code: str) -> str:
    page = client.post("/cart/coupon/", {"code": code}, follow=True)
    return " ".join(page.content.decode().replace("&#x27;", "'").split())


def _coupon(shop: Shop) -> str:
    """Return the cart of a visitor with two mugs who enters the code."""
    visitor = Client(headers={"accept-language": shop.language})
    fill(visitor, {"MUG-01": 2})
    return _enter(visitor, CODE)


def _coupon_of_customer(shop: Shop) -> str:
    """Return the cart of the customer, whose mail address is known."""
    return _enter(shop.customer, CODE)


def _tea(shop: Shop) -> str:
    visitor = Client(headers={"accept-language": shop.language})
    fill(visitor, {"TEA-01": 1})
    return " ".join(visitor.get("/cart/").content.decode().split())


PLACES: dict[str, Callable[[Shop], str]] = {
    "coupon": _coupon,
    "coupon of the customer": _coupon_of_customer,
    "tea": _tea,
}


def _fixed_amount() -> None:
    Discount.objects.update(kind="amount", percent=None, amount_minor=100)


def _better_one() -> None:
    shipping = {"kind": "free_shipping", "is_combinable": True}
    make_discount(by_code=False, name_en="Postage", **shipping)


def _other_one() -> None:
    make_discount(percent=50, name_en="Others", starts_at=PAST)


def _used_once() -> None:
    CouponCode.objects.update(used=1)


def _used_by_customer() -> None:
    DiscountUse.objects.create(
        reference="earlier",
        discount=_members(),
        customer=Buyer(RECIPIENT["email"]).key,
        amount_minor=1,
        currency="JPY",
    )


# What has to be so that a field has something to say.
PREPARED: dict[str, Callable[[], None]] = {
    "checkout.Discount.amount_minor": _fixed_amount,
    "checkout.Discount.is_combinable": _better_one,
    "checkout.Discount.most_per_customer": _used_by_customer,
    "checkout.CouponCode.discount": _other_one,
    "checkout.CouponCode.most": _used_once,
}
_OVER = {"coupon": "The code MEMBERS is no longer valid."}
_OTHER_ITEMS = {"coupon": "not for any item in your cart"}
_TEN_OFF = {"coupon": "-¥360"}
TABLE: dict[str, Change] = {
    "checkout.Discount.name_en": named("Friends", "coupon"),
    "checkout.Discount.name_ja": named("友の会", "coupon", language="ja"),
    "checkout.Discount.by_code": Change(False, {"estimate": "Members"}),
    "checkout.Discount.is_paused": Change(True, _OVER, _TEN_OFF),
    "checkout.Discount.kind": Change(
        "free_shipping", {"coupon": "Free shipping"}, _TEN_OFF
    ),
    "checkout.Discount.percent": Change(20, {"coupon": "-¥720"}, _TEN_OFF),
    "checkout.Discount.amount_minor": Change(
        500, {"coupon": "-¥500"}, {"coupon": "-¥100"}
    ),
    "checkout.Discount.least_minor": Change(
        90000, {"coupon": "for items of ¥90,000 or more"}, _TEN_OFF
    ),
    "checkout.Discount.products": Change("tea", _OTHER_ITEMS, _TEN_OFF),
    "checkout.Discount.categories": Change("drinks", _OTHER_ITEMS, _TEN_OFF),
    "checkout.Discount.most_per_customer": Change(
        1, {"coupon of the customer": "can be used once per customer"}
    ),
    "checkout.Discount.is_combinable": Change(
        True, _TEN_OFF, {"coupon": "You already save more with “Postage”"}
    ),
    "checkout.Discount.starts_at": Change(FUTURE, {"coupon": "is valid from"}),
    "checkout.Discount.ends_at": Change(
        datetime(2021, 1, 1, tzinfo=UTC), _OVER, _TEN_OFF
    ),
    "checkout.CouponCode.code": Change("CLUB", {"coupon": "We don't know this code"}),
    "checkout.CouponCode.discount": Change("Others", {"coupon": "Others"}, _TEN_OFF),
    "checkout.CouponCode.most": Change(1, {"coupon": "has been used up"}, _TEN_OFF),
    "checkout.CouponCode.is_paused": Change(True, _OVER, _TEN_OFF),
    "checkout.PurchaseLimit.product": Change(
        "mug", {"cart": "At most 50 per customer within 30 days."}
    ),
    "checkout.PurchaseLimit.most": Change(
        40, {"tea": "At most 40 per customer within 30 days."}
    ),
    "checkout.PurchaseLimit.days": Change(
        7, {"tea": "At most 50 per customer within 7 days."}
    ),
}
