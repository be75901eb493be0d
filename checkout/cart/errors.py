"""Why the cart was not changed."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop.catalogue.models import Variant


class CartNotOpen(Exception):
    """The cart is being ordered, or was: nothing in it was changed."""


class NotForSale(Exception):
    """There is no such variant, or it was taken off sale. The cart is unchanged."""

    def __init__(self, sku: str) -> None:
        super().__init__(f"{sku} is not for sale")
        self.sku = sku

    @property
    def sentence(self) -> str:
        """Return the sentence for the customer, in the active language."""
        return _("This item is no longer for sale.")


class NotEnough(Exception):
    """More was asked for than can be had. The cart is unchanged."""

    def __init__(self, variant: Variant, *, free: int, in_cart: int) -> None:
        super().__init__(f"{variant.sku}: {free} free, {in_cart} in the cart")
        self.variant = variant
        self.free = free
        self.in_cart = in_cart

    @property
    def sentence(self) -> str:
        """Return the sentence: how many are left, and how many the cart has."""
        if self.free == 0:
            return _("%(name)s is sold out.") % {"name": self.variant.name}
        left = ngettext(
            "Only %(free)s is left, so nothing was added.",
            "Only %(free)s are left, so nothing was added.",
            self.free,
        ) % {"free": self.free}
        if not self.in_cart:
            return left
        mine = ngettext(
            "You already have %(in_cart)s in your cart.",
            "You already have %(in_cart)s in your cart.",
            self.in_cart,
        ) % {"in_cart": self.in_cart}
        return f"{left} {mine}"
