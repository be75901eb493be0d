"""From where requests come: which cookies are believed, and who may call at all.

A browser sends the shop's cookies along with whatever page asks for it. So cookies are
read only when the request proves to come from a page of the shop: by the browser's own
word, or by the CSRF token. A client elsewhere sends none and names its cart by its id.
"""

from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from shop.web.csrf import is_proved

Response = TypeVar("Response", bound=HttpResponseBase)
_CART = "cart"
_DAY = "86400"


class NotProved(Exception):
    """Cookies came along with a request that may be another site's."""


def uses_cookies(request: HttpRequest) -> bool:
    """Return whether the request's cookies count. Raises NotProved.

    Without cookies that mean anything nothing has to be proved, but they are set only
    for a page of the shop.
    """
    if is_proved(request):
        return True
    if any(request.COOKIES.get(name) for name in (settings.SESSION_COOKIE_NAME, _CART)):
        message = (
            "Cookies came along, but no proof that a page of this shop sent them. Send "
            "the header X-CSRFToken with the value of the cookie csrftoken, or leave "
            "the cookies out and name the cart by its id."
        )
        raise NotProved(message)
    return False


def may_connect(request: HttpRequest) -> bool:
    """Return whether this may open a WebSocket: browsers ask no leave for it."""
    origin = request.headers.get("Origin", "")
    return not origin or origin in settings.API_ORIGINS or is_proved(request)


def preflight(request: HttpRequest) -> HttpResponse:
    """Answer what browsers ask before they call from a page elsewhere."""
    response = permit(request, HttpResponse(status=204))
    response["Access-Control-Allow-Methods"] = "POST"
    response["Access-Control-Allow-Headers"] = (
        "Content-Type, Accept, Accept-Language, Last-Event-ID"
    )
    response["Access-Control-Max-Age"] = _DAY
    return response


def permit(request: HttpRequest, response: Response) -> Response:
    """Let pages of API_ORIGINS read the answer; never with cookies."""
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin", "")
    if origin in settings.API_ORIGINS:
        response["Access-Control-Allow-Origin"] = origin
    return response
