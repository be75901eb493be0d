"""Why the cart was not changed."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shop.catalogue.models import Variant

# What a quantity may be that somebody asks for.
QUANTITY_WANTED = gettext_lazy("Choose a quantity between 1 and 99.")


class CartNotOpen(Exception):
    """The cart is being ordered, or was: nothing in it was changed."""

    @property
    def sentence(self) -> str:
        """Return the sentence for the customer, in the active language."""
        return _("This cart was ordered already, so nothing in it was changed.")


class NotForSale(Exception):
    """There is no such variant, or it was taken off sale. The cart is unchanged."""

    def __init__(self, sku: str) -> None:
        super().__init__(f"{sku} is not for sale")
        self.sku = sku

    @property
    def sentence(self) -> str:
        """Return the sentence for the customer, in the active language."""
        return _("This item is no longer for sale.")


class TooManyPerOrder(Exception):
    """More was asked for than one order may have of a product. Nothing was changed."""

    def __init__(self, variant: Variant, *, most: int, in_cart: int) -> None:
        super().__init__(f"{variant.sku}: at most {most}, {in_cart} in the cart")
        self.variant = variant
        self.most = most
        self.in_cart = in_cart

    @property
    def sentence(self) -> str:
        """Return the sentence: how many one order may have, and how many are there."""
        limit = ngettext(
            "One order may have at most %(most)s of this article, so nothing was "
            "added.",
            "One order may have at most %(most)s of this article, so nothing was "
            "added.",
            self.most,
        ) % {"most": self.most}
        if not self.in_cart:
            return limit
        return f"{limit} {_in_cart(self.in_cart)}"


class CartFull(Exception):
    """The cart has as many lines as one order may have. Nothing was changed."""

    def __init__(self, variant: Variant, most: int) -> None:
        super().__init__(f"{variant.sku}: the cart has {most} lines already")
        self.variant = variant
        self.most = most

    @property
    def sentence(self) -> str:
        """Return the sentence for the customer, in the active language."""
        return _(
            "There are %(most)s different articles in your cart, as many as one order "
            "takes, so nothing was added. Please order these first."
        ) % {"most": self.most}


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
        return f"{left} {_in_cart(self.in_cart)}"


def _in_cart(count: int) -> str:
    return ngettext(
        "You already have %(in_cart)s in your cart.",
        "You already have %(in_cart)s in your cart.",
        count,
    ) % {"in_cart": count}


# What keeps a customer from adding an article; each has a variant and a sentence.
NOT_ADDED = (CartFull, NotEnough, TooManyPerOrder)
