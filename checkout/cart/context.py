"""What checkout adds to every page: badge of the cart, announcements, shipping.

Announcements and the shipping are the same for all visitors and only told here: each
process keeps them for SHOWN_FOR seconds and asks the database no more than that. What
is decided, whether an order is taken and what it costs, is read anew.
"""

from collections.abc import Callable

from django.core.cache import caches
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from checkout.announcements.services import active_announcements
from checkout.cart.cookies import cart_uid
from checkout.cart.pricing import free_shipping_from
from checkout.cart.services import CartSummary, summarise

SHOWN_FOR = 5


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
    return {"free_shipping_from": _kept(free_shipping_from)}


def announcements(_request: HttpRequest) -> dict[str, object]:
    """Give templates ``announcements``; asked for only by pages that print them."""
    return {"announcements": _kept(active_announcements)}


def _kept(ask: Callable[[], object]) -> SimpleLazyObject:
    def look() -> object:
        return caches["pages"].get_or_set(ask.__name__, ask, SHOWN_FOR)

    return SimpleLazyObject(look)
