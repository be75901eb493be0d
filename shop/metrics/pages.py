"""How many pages were asked for, and how long they took.

Labels name routes, never addresses: an address can hold what must stay secret, and
there is no end of them.
"""

import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram

View = Callable[[HttpRequest], HttpResponseBase]

PAGES = CollectorRegistry()
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
# Answered before any route was looked for: a kept page, a static file, a refusal.
_NO_ROUTE = "none"

_seconds = Histogram(
    "todoku_http_request_duration_seconds",
    "Time from the request to the first byte of the answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=PAGES,
)
_requests = Counter(
    "todoku_http_requests_total",
    "Requests, by route, method and class of the status.",
    ["route", "method", "status"],
    registry=PAGES,
)


def measure(get_response: View) -> View:
    """Return the middleware that measures every page that is not a probe."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        before = time.perf_counter()
        response = get_response(request)
        route = _route(request)
        _seconds.labels(route).observe(time.perf_counter() - before)
        method = request.method if request.method in _METHODS else "other"
        _requests.labels(route, method, f"{response.status_code // 100}xx").inc()
        return response

    return middleware


def _route(request: HttpRequest) -> str:
    """Return the name of the route; all pages of staff are one."""
    match = request.resolver_match
    if match is None:
        return _NO_ROUTE
    if match.route.startswith("admin/"):
        return "admin"
    return match.view_name or match.route or _NO_ROUTE
