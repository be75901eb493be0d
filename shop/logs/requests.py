"""Every request gets an id, which all its lines have, and so has what it began."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from shop.logs.context import bound, new_request_id, read_request_id

View = Callable[[HttpRequest], HttpResponseBase]
HEADER = "X-Request-ID"


def identify(get_response: View) -> View:
    """Return the middleware that binds the id, and answers it as a header.

    Behind a proxy its header names the id, so that the proxy's log has the same. What
    visitors send under this name is not believed.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER) if settings.TRUSTED_PROXIES else ""
        request_id = read_request_id(given) or new_request_id()
        with bound(request_id=request_id):
            response = get_response(request)
        response.headers[HEADER] = request_id
        return response

    return middleware
