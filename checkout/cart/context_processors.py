"""The cart in the context of every page: its badge, and the limit of free shipping."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from checkout.cart.cookies import cart_uid
from checkout.cart.pricing import free_shipping_from
from checkout.cart.services import CartSummary, summarise
from shop.page_cache import lazily_kept


def cart(request: HttpRequest) -> dict[str, object]:
    """Add ``cart_summary``, which is read only if a template prints it."""
    uid = cart_uid(request)
    if uid is None:
        return {}

    def ask() -> CartSummary:
        return summarise(uid)

    return {"cart_summary": SimpleLazyObject(ask)}


def shipping(_request: HttpRequest) -> dict[str, object]:
    """Add ``free_shipping_from``, which is read only if a template prints it."""
    return {"free_shipping_from": lazily_kept(free_shipping_from)}
