"""The addresses that machines ask, answered before all other middleware.

Probes come over plain HTTP and by the number of the machine, so neither HTTPS nor a
host of ALLOWED_HOSTS is asked of them. The answers contain nothing of the request.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from shop.health.pages import livez, readyz
from shop.metrics.view import metrics

View = Callable[[HttpRequest], HttpResponseBase]

ADDRESSES: dict[str, View] = {"/livez": livez, "/readyz": readyz, "/metrics": metrics}


def answer_probes(get_response: View) -> View:
    """Return the middleware; it stands first."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return ADDRESSES.get(request.path_info, get_response)(request)

    return middleware
