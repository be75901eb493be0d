"""What the cart adds to every page: its badge, and from when shipping is free."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from checkout.cart.cookies import cart_uid
from checkout.cart.pricing import free_shipping_from
from checkout.cart.services import CartSummary, summarise
from shop.page_cache import lazily_kept


def cart(request: HttpRequest) -> dict[str, object]:
    """Give templates ``cart_summary``; asked for only by pages that print it."""
    uid = cart_uid(request)
    if uid is None:
        return {}

    def ask() -> CartSummary:
        return summarise(uid)

    return {"cart_summary": SimpleLazyObject(ask)}


def shipping(_request: HttpRequest) -> dict[str, object]:
    """Give templates ``free_shipping_from``; asked for only by pages that print it."""
    return {"free_shipping_from": lazily_kept(free_shipping_from)}
