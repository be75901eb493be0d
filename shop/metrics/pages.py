"""How many pages were asked for, and how long they took.

Labels name routes, never addresses: an address can hold what must stay secret, and
there is no end of them.
"""

import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram

from shop.web.request_ids import method_of, route_of

View = Callable[[HttpRequest], HttpResponseBase]

PAGES = CollectorRegistry()

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
        route = route_of(request)
        _seconds.labels(route).observe(time.perf_counter() - before)
        method = method_of(request)
        _requests.labels(route, method, f"{response.status_code // 100}xx").inc()
        return response

    return middleware
