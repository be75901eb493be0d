"""Why the cart was not changed."""

from shop.catalogue.models import Variant


class CartNotOpen(Exception):
    """The cart is being ordered, or was: nothing in it was changed."""


class NotForSale(Exception):
    """There is no such variant, or it was taken off sale. The cart is unchanged."""

    def __init__(self, sku: str) -> None:
        super().__init__(f"{sku} is not for sale")
        self.sku = sku


class NotEnough(Exception):
    """More was asked for than can be had. The cart is unchanged."""

    def __init__(self, variant: Variant, *, free: int, in_cart: int) -> None:
        super().__init__(f"{variant.sku}: {free} free, {in_cart} in the cart")
        self.variant = variant
        self.free = free
        self.in_cart = in_cart
