"""The cart's badge in the header of every page."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from checkout.cart import CartSummary, summarise
from checkout.cookies import cart_uid


def cart(request: HttpRequest) -> dict[str, object]:
    """Give templates ``cart_summary``; asked for only by pages that print it."""
    uid = cart_uid(request)
    if uid is None:
        return {}

    def ask() -> CartSummary:
        return summarise(uid)

    return {"cart_summary": SimpleLazyObject(ask)}
