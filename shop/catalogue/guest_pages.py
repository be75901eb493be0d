"""The catalogue's pages for guests, answered from the page cache (docs/adr/0029).

A guest is a visitor without session and messages. A page is made with a request that
has nothing of a visitor but address and language, so nothing else can be in it. The
visitor's own parts, such as the cart, are put in afterwards.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import translation

from shop.catalogue.window import read_stamp
from shop.page_cache import visitor_parts
from shop.page_cache.page import Page
from shop.page_cache.store import PAGES
from shop.web.languages import language_of, remember_language

View = Callable[..., Any]

# All that a page may depend on, besides what the server sets (wsgi.*, SERVER_*).
_ADDRESS = ("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")
_SITE = ("HTTP_HOST", "HTTP_X_FORWARDED_PROTO")
_MESSAGES = "messages"  # the cookie of django.contrib.messages
_FOR_GUESTS = "is_for_guests"


def for_guests(view: View) -> View:
    """Mark a view whose page is the same for all guests but for the visitor's parts.

    What it shows, beside time and stock, is in tables with ``InShopWindow``.
    """
    setattr(view, _FOR_GUESTS, True)
    return view


def is_made_for_guests(request: HttpRequest) -> bool:
    """Return whether the page is to be kept: templates write marks for its parts."""
    return getattr(request, _FOR_GUESTS, False)


class GuestPages:
    """The middleware. It stands before sessions, languages and compression."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_guest(request) or not leads_to_page(request):
            return self.get_response(request)
        # As CommonMiddleware does, which a kept page does not reach.
        host = request.get_host()
        version, stamp = read_stamp()
        if version is None:
            return self.get_response(request)
        language = language_of(request)
        key = (version, language, request.scheme, host, request.get_full_path())
        page = PAGES.get(key, lambda: self._make(request, language), stamp)
        if not visitor_parts.concern(request):
            return remember_language(request, page.answer(request))
        with translation.override(language):
            parts = visitor_parts.render(page.slots, request)
        return remember_language(request, page.answer(request, parts))

    def _make(self, request: HttpRequest, language: str) -> Page:
        guest = guest_request(request, language)
        response = self.get_response(guest)
        with translation.override(language):
            return Page.of(response, guest)


def is_guest(request: HttpRequest) -> bool:
    if request.method not in ("GET", "HEAD"):
        return False
    cookies = request.COOKIES
    return not cookies.get(settings.SESSION_COOKIE_NAME) and not cookies.get(_MESSAGES)


def leads_to_page(request: HttpRequest) -> bool:
    """Return whether the address is of a view that is marked by ``for_guests``."""
    try:
        return hasattr(resolve(request.path_info).func, _FOR_GUESTS)
    except Resolver404:
        return False


def guest_request(request: HttpRequest, language: str) -> WSGIRequest:
    """Return the request of a guest for the same page in the same language."""
    sent = request.META
    kept = {name: sent[name] for name in (*_ADDRESS, *_SITE) if name in sent}
    server = {
        name: value
        for name, value in sent.items()
        if name.startswith(("wsgi.", "SERVER_"))
    }
    asked = {"REQUEST_METHOD": "GET", "HTTP_ACCEPT_LANGUAGE": language}
    guest = WSGIRequest(kept | server | asked)
    setattr(guest, _FOR_GUESTS, True)
    return guest
