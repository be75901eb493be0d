"""The boundary for the text of requests: every request passes it before it is read.

It answers 400 to text that no browser sends and that PostgreSQL cannot store (NUL) or
Django cannot decode (another charset than UTF-8, broken UTF-8). It answers 404 to
addresses with a part that is longer than any name or number can be, and it ignores
cookies that no server has set. Which text a field accepts is the field's affair
(shop/forms/fields.py).
"""

import logging
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    UnreadablePostError,
)

from shop.web.failure import bad_request

logger = logging.getLogger(__name__)

LONGEST_PART = 255  # bytes of a file's name, and more than any slug has
LARGEST_NUMBER = 2**63 - 1  # of a BigAutoField
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\";]*)", re.IGNORECASE)
_EXTENDED = re.compile(r";[^;=]*\*")  # charset*=hex''..., charset*0=he (RFC 2231)
_UTF_8 = frozenset({"utf-8", "utf8"})
_REFUSED = "shop.refused_content_type"  # the key in the WSGI environment

Response = Callable[[HttpRequest], HttpResponseBase]


class Utf8Requests:
    """A WSGI application that hides a content type in another charset from Django.

    Django decodes the query in the charset of the content type while it makes the
    request, before any middleware. A charset such as ``hex`` raises there, and the
    answer would be gunicorn's. The middleware below refuses what was hidden.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE", "")
        if not is_utf8(content_type):
            environ[_REFUSED] = content_type
            environ["CONTENT_TYPE"] = ""
        return self._application(environ, start_response)


class RequestBoundary:
    """The middleware; it stands before all that read addresses, cookies and forms."""

    def __init__(self, get_response: Response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        reason = problem_of(request)
        if reason:
            return refuse(request, reason)
        ignore_broken_cookies(request)
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        _args: Any,
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        """Check what the address names, and the form if the page reads one."""
        if any(_is_too_large(value) for value in kwargs.values()):
            raise Http404
        # Views without CSRF check read the raw body: reading the form would take it.
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        reason = problem_of_form(request)
        return refuse(request, reason) if reason else None

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        """Refuse a query with a number or date beyond what the database compares.

        Django checks most comparisons, but not ``id__in`` and the last day of 9999.
        """
        if request.GET and isinstance(exception, OverflowError):
            return refuse(request, f"{exception}, by the query")
        return None


def refuse(request: HttpRequest, reason: str) -> HttpResponse:
    logger.warning("refused %s %.200r: %s", request.method, request.path, reason)
    return bad_request(request)


def is_utf8(content_type: str) -> bool:
    """Return whether Django decodes a request of this content type as UTF-8."""
    if not content_type.isascii() or _EXTENDED.search(content_type):
        return False
    named = _CHARSET.findall(content_type)
    return all(charset.strip().lower() in _UTF_8 for charset in named)


def problem_of(request: HttpRequest) -> str:
    """Return what is wrong with address and headers, or "" if nothing is."""
    content_type = request.META.get(_REFUSED) or request.META.get("CONTENT_TYPE", "")
    if not is_utf8(content_type):
        return f"content type {content_type[:100]!r}"
    if _CONTROL.search(request.path_info):
        return "control character in the address"
    query = request.META.get("QUERY_STRING", "")
    if query and (problem := _problem_of_encoded(query.encode("iso-8859-1"))):
        return f"{problem} in the query"
    for name, value in request.headers.items():
        # Cookies of other applications on this domain come along: see below.
        if name != "Cookie" and _CONTROL.search(value):
            return f"control character in the header {name}"
    return ""


def ignore_broken_cookies(request: HttpRequest) -> None:
    """Drop cookies with control characters, which no server sets.

    They are not refused: a browser sends a cookie again and again, and whoever got one
    from elsewhere on the domain could never get in.
    """
    for name, value in list(request.COOKIES.items()):
        if _CONTROL.search(name) or _CONTROL.search(value):
            logger.info("ignored the cookie %r: control character", name[:100])
            del request.COOKIES[name]


def problem_of_form(request: HttpRequest) -> str:
    """Read the posted form. Return what is wrong with it, or "" if nothing is."""
    try:
        fields = list(request.POST.lists())
        names = [str(file.name) for _, sent in request.FILES.lists() for file in sent]
    except UnreadablePostError:
        return "the connection ended before the form"
    if request.content_type == "application/x-www-form-urlencoded":
        problem = _problem_of_encoded(request.body)
        return f"{problem} in the form" if problem else ""
    texts = [name for name, _ in fields] + [text for _, some in fields for text in some]
    for text in [*texts, *names]:
        # Django puts U+FFFD in place of broken UTF-8 here.
        if "\0" in text or "\ufffd" in text:
            return "NUL or broken UTF-8 in the form"
    return ""


def _problem_of_encoded(text: bytes) -> str:
    """Return what is wrong with a urlencoded text. Decoded whole: "&" and "=" stay."""
    decoded = unquote_to_bytes(text)
    if b"\0" in decoded:
        return "NUL"
    try:
        decoded.decode()
    except UnicodeDecodeError:
        return "broken UTF-8"
    return ""


def _is_too_large(captured: object) -> bool:
    """Return whether a part of the address is too long for a name, or for a key."""
    if isinstance(captured, int):
        return captured > LARGEST_NUMBER
    if isinstance(captured, str):
        parts = captured.split("/")
        return any(len(part.encode(errors="replace")) > LONGEST_PART for part in parts)
    return False
