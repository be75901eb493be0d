"""What checkout adds to every page: badge of the cart, announcements, shipping."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from checkout.announcements import standing
from checkout.cart import CartSummary, summarise
from checkout.cookies import cart_uid
from checkout.pricing import free_shipping_from


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
    return {"free_shipping_from": SimpleLazyObject(free_shipping_from)}


def announcements(_request: HttpRequest) -> dict[str, object]:
    """Give templates ``announcements``; asked for only by pages that print them."""
    return {"announcements": SimpleLazyObject(standing)}
