"""Every request gets an id, which all its lines have, and so has what it began."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch

from shop.logs.context import bound, new_request_id, read_request_id
from shop.traces.spans import Kind, span

View = Callable[[HttpRequest], HttpResponseBase]
HEADER = "X-Request-ID"
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
# Answered before any route was looked for: a kept page, a static file, a refusal.
_NO_ROUTE = "none"


def identify(get_response: View) -> View:
    """Return the middleware that binds the id, and answers it as a header.

    Behind a proxy its header names the id, so that the proxy's log has the same. What
    visitors send under this name is not believed.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER) if settings.TRUSTED_PROXIES else ""
        request_id = read_request_id(given) or new_request_id()
        with bound(request_id=request_id), span("request", Kind.REQUEST) as here:
            response = get_response(request)
            here.describe(
                f"{method_of(request)} {route_of(request)}",
                **{"http.response.status_code": response.status_code},
            )
        response.headers[HEADER] = request_id
        return response

    return middleware


def method_of(request: HttpRequest) -> str:
    """Return the method; those that no page has are one."""
    return str(request.method) if request.method in _METHODS else "other"


def route_of(request: HttpRequest) -> str:
    """Return the name of the route, never the address; all pages of staff are one."""
    return name_of(request.resolver_match)


def name_of(match: ResolverMatch | None) -> str:
    """Return the name of the route that Django found for an address."""
    if match is None:
        return _NO_ROUTE
    if match.route.startswith("admin/"):
        return "admin"
    return match.view_name or match.route or _NO_ROUTE
