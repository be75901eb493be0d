"""The cart in the context of every page: its badge, and the limit of free shipping."""

from functools import lru_cache
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from checkout.cart.cookies import cart_uid
from checkout.cart.services import CartSummary, mark_returned, summarise
from checkout.shipping.usual import free_shipping_from
from shop.catalogue.guest_pages import is_made_for_guests
from shop.page_cache import visitor_parts
from shop.page_cache.visitor_parts import VisitorPart

PILL = "cart_pill"


def cart(request: HttpRequest) -> dict[str, object]:
    """Add ``cart_summary``, which is read only if a template prints it.

    A page that is kept for all guests gets the mark of the visitor's part instead.
    """
    if is_made_for_guests(request):
        return {"cart_pill_mark": mark_safe(visitor_parts.mark(PILL))}  # noqa: S308
    return _summary(request)


def shipping(_request: HttpRequest) -> dict[str, object]:
    """Add ``free_shipping_from``, which is read only if a template prints it."""
    return {"free_shipping_from": SimpleLazyObject(free_shipping_from)}


def register_pill() -> None:
    """Let kept pages show each visitor the own cart in the header."""

    def render(request: HttpRequest) -> str:
        uid = cart_uid(request)
        return _pill(get_language(), _ask(uid) if uid else None)

    def concerns(request: HttpRequest) -> bool:
        return cart_uid(request) is not None

    visitor_parts.register(PILL, VisitorPart(render, concerns))


@lru_cache(maxsize=1024)
def _pill(_language: str | None, summary: CartSummary | None) -> str:
    """Return the pill in the active language; it shows nothing but the summary."""
    return render_to_string("partials/_cart_pill.html", {"cart_summary": summary})


def _summary(request: HttpRequest) -> dict[str, object]:
    uid = cart_uid(request)
    if uid is None:
        return {}
    return {"cart_summary": SimpleLazyObject(lambda: _ask(uid))}


def _ask(uid: UUID) -> CartSummary:
    summary = summarise(uid)
    if summary.is_new:
        mark_returned(uid)
    return summary
