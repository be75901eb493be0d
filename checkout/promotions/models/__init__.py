"""Discounts, coupon codes and purchase limits, and who has used them."""

from checkout.promotions.models.discount import CouponCode, Discount
from checkout.promotions.models.guess import WrongCode
from checkout.promotions.models.limit import PurchaseLimit
from checkout.promotions.models.use import CustomerTurn, DiscountUse, LimitedPurchase

__all__ = [
    "CouponCode",
    "CustomerTurn",
    "Discount",
    "DiscountUse",
    "LimitedPurchase",
    "PurchaseLimit",
    "WrongCode",
]
