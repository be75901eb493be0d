"""The addresses of a page for search engines: the one that counts, and translations."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from shop.web.languages import PARAMETER, asked_language


@dataclass(frozen=True)
class Addresses:
    """``alternates`` are pairs of a language, or x-default, and an address."""

    canonical: str
    alternates: tuple[tuple[str, str], ...]


def addresses_of(request: HttpRequest) -> Addresses:
    """Return the addresses of the page, without what only sorts or counts visits."""
    number = request.GET.get("page", "")
    kept = {"page": number} if number.isascii() and number.isdecimal() else {}
    if kept.get("page") == "1":
        kept = {}
    asked = asked_language(request)
    return Addresses(
        canonical=absolute(request.path, kept | ({PARAMETER: asked} if asked else {})),
        alternates=translations(request.path, kept),
    )


def translations(
    path: str, query: dict[str, str] | None = None
) -> tuple[tuple[str, str], ...]:
    """Return the page's address in each language, and for all others."""
    kept = query or {}
    named = tuple(
        (language, absolute(path, kept | {PARAMETER: language}))
        for language, _name in settings.LANGUAGES
    )
    return (*named, ("x-default", absolute(path, kept)))


def absolute(path: str, query: dict[str, str] | None = None) -> str:
    asked = f"?{urlencode(query)}" if query else ""
    return f"{settings.SITE_URL}{path}{asked}"
