"""Why a coupon code is not used, or more units are not sold.

Each has a ``sentence`` for the customer, in the active language.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop.formatting import price
from shop.money import Money


class CouponRefused(Exception):
    """The code gives nothing for this cart now."""

    def __init__(self, code: str = "") -> None:
        super().__init__(f"{type(self).__name__}: {code}")
        self.code = code

    @property
    def sentence(self) -> str:
        """Return why, and what the customer can do, in the active language."""
        raise NotImplementedError


class UnknownCode(CouponRefused):
    @property
    def sentence(self) -> str:
        return _("We don't know this code. Check the spelling and try again.")


class CodeNotValid(CouponRefused):
    """Paused, or its discount is paused or over."""

    @property
    def sentence(self) -> str:
        return _("The code %(code)s is no longer valid.") % {"code": self.code}


class CodeNotYetValid(CouponRefused):
    def __init__(self, code: str, starts_at: datetime) -> None:
        super().__init__(code)
        self.starts_at = starts_at

    @property
    def sentence(self) -> str:
        day = date_format(timezone.localtime(self.starts_at), "DATETIME_FORMAT")
        text = _("The code %(code)s is valid from %(day)s.")
        return text % {"code": self.code, "day": day}


class CodeUsedUp(CouponRefused):
    @property
    def sentence(self) -> str:
        return _("The code %(code)s has been used up.") % {"code": self.code}


class CodeUsedByCustomer(CouponRefused):
    """The customer has as many orders with the discount as one customer may have."""

    def __init__(self, code: str, most: int) -> None:
        super().__init__(code)
        self.most = most

    @property
    def sentence(self) -> str:
        return ngettext(
            "The code %(code)s can be used once per customer.",
            "The code %(code)s can be used %(most)s times per customer.",
            self.most,
        ) % {"code": self.code, "most": self.most}


class BelowMinimum(CouponRefused):
    def __init__(self, code: str, least: Money) -> None:
        super().__init__(code)
        self.least = least

    @property
    def sentence(self) -> str:
        text = _("The code %(code)s is for items of %(least)s or more.")
        return text % {"code": self.code, "least": price(self.least)}


class NotForTheseItems(CouponRefused):
    @property
    def sentence(self) -> str:
        text = _("The code %(code)s is not for any item in your cart.")
        return text % {"code": self.code}


class NothingToTakeOff(CouponRefused):
    """Shipping is free already, or the discount rounds down to nothing."""

    @property
    def sentence(self) -> str:
        text = _(
            "The code %(code)s changes nothing about your total, so it stays unused."
        )
        return text % {"code": self.code}


class BetterWithoutCode(CouponRefused):
    """Another discount takes more off, and the two cannot be combined."""

    def __init__(self, code: str, better: str) -> None:
        super().__init__(code)
        self.better = better

    @property
    def sentence(self) -> str:
        text = _(
            "You already save more with “%(better)s”. It can't be combined with the "
            "code %(code)s, so the code stays unused."
        )
        return text % {"code": self.code, "better": self.better}


class TooManyGuesses(CouponRefused):
    @property
    def sentence(self) -> str:
        return _("Too many wrong codes. Wait an hour and try again.")


class DiscountGone(Exception):
    """A discount of the order has just ended or been used up. Nothing was written."""

    def __init__(self, name: str, code: str) -> None:
        super().__init__(f"discount {name!r} with code {code!r} is gone")
        self.name = name
        self.code = code

    @property
    def sentence(self) -> str:
        """Return what happened and what the customer can do, in the active language."""
        return _(
            "“%(name)s” can no longer be used: it has just been used up or has ended. "
            "Your order was not placed and nothing was charged. Check the new total."
        ) % {"name": self.code or self.name}


class PurchaseLimitReached(Exception):
    """The customer may not have so many units of a product. Nothing was written."""

    def __init__(self, name: str, most: int, days: int | None, left: int) -> None:
        super().__init__(f"{name}: at most {most} per customer, {left} left")
        self.name = name
        self.most = most
        self.days = days
        self.left = left

    @property
    def sentence(self) -> str:
        """Return the limit and what is left of it, in the active language."""
        return " ".join([limit_sentence(self.most, self.days, self.name), self._left])

    @property
    def _left(self) -> str:
        if not self.left:
            return _("You have already ordered that many with this email address.")
        return ngettext(
            "You can order %(left)s more with this email address.",
            "You can order %(left)s more with this email address.",
            self.left,
        ) % {"left": self.left}


def limit_sentence(most: int, days: int | None, name: str = "") -> str:
    """Return how many units one customer may have, in the active language."""
    numbers = {"most": most, "days": days, "name": name}
    if days is None and name:
        text = _("%(name)s: at most %(most)s per customer.")
    elif days is None:
        text = _("At most %(most)s per customer.")
    elif name:
        text = _("%(name)s: at most %(most)s per customer within %(days)s days.")
    else:
        text = _("At most %(most)s per customer within %(days)s days.")
    return text % numbers
