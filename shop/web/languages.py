"""The language of a page: by its address, else by cookie and browser.

All languages share one address, and visitors get their own. Search engines need an
address for each: the same one with ``?lang=``. Who comes by it keeps the language.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

PARAMETER = "lang"
_Response = TypeVar("_Response", bound=HttpResponseBase)


def asked_language(request: HttpRequest) -> str:
    """Return the language that the address names; "" if it names none of the shop."""
    asked = request.GET.get(PARAMETER, "")
    return asked if asked in dict(settings.LANGUAGES) else ""


def language_of(request: HttpRequest) -> str:
    return asked_language(request) or translation.get_language_from_request(request)


def remember_language(request: HttpRequest, response: _Response) -> _Response:
    """Keep the language of the address for the visitor's next pages."""
    asked, name = asked_language(request), settings.LANGUAGE_COOKIE_NAME
    if asked and request.COOKIES.get(name) != asked:
        response.set_cookie(
            name,
            asked,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    return response


def without_language(request: HttpRequest) -> str:
    """Return the address of the request without its language."""
    if PARAMETER not in request.GET:
        return request.get_full_path()
    query = [
        (name, value)
        for name, values in request.GET.lists()
        for value in values
        if name != PARAMETER
    ]
    return f"{request.path}?{urlencode(query)}" if query else request.path


class AddressedLanguage(LocaleMiddleware):
    """Django's middleware, which asks the address first."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)

    def process_request(self, request: HttpRequest) -> None:
        asked = asked_language(request)
        if not asked:
            super().process_request(request)
            return
        translation.activate(asked)
        request.LANGUAGE_CODE = asked

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        answer = super().process_response(request, response)
        if getattr(request, "is_for_guests", False):
            # A page that is kept for all has no cookie: each visitor gets it outside.
            return answer
        return remember_language(request, answer)
