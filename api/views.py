"""GraphQL over HTTP: one address, POST, JSON.

https://graphql.github.io/graphql-over-http/draft/
"""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from api import origins
from api.context import Context
from api.errors import Fault, RequestRefused
from api.execution import Invalid, described, execute, read
from checkout.cart.cookies import remember_cart

MOST_BYTES = 65_536  # of a body; a large document has some thousand
_GRAPHQL = "application/graphql-response+json"


@csrf_exempt  # api.origins checks where a request comes from, and reads no form
def graphql(request: HttpRequest) -> HttpResponse:
    """Answer a query or a mutation."""
    if request.method == "OPTIONS":
        return origins.preflight(request)
    response = _answer(request)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Accept-Language", "Cookie", "Origin"])
    return origins.permit(request, response)


def _answer(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        response = _refusal(request, Fault.METHOD, "Send a POST with JSON.", 405)
        response["Allow"] = "POST, OPTIONS"
        return response
    if request.content_type != "application/json":
        text = "The content type must be application/json."
        return _refusal(request, Fault.CONTENT_TYPE, text, 415)
    try:
        payload = _payload(request)
        uses_cookies = origins.uses_cookies(request)
    except origins.NotProved as error:
        return _refusal(request, Fault.CSRF, str(error), 403)
    except _TooLarge:
        text = f"The body may have {MOST_BYTES} bytes at most."
        return _refusal(request, Fault.BODY_TOO_LARGE, text, 413)
    except (ValueError, RecursionError, UnreadablePostError):
        return _refusal(request, Fault.NOT_JSON, "The body must be JSON in UTF-8.", 400)
    return _executed(request, payload, Context(request, uses_cookies))


class _TooLarge(Exception):
    pass


def _payload(request: HttpRequest) -> Any:
    """Return the body as JSON. Raises _TooLarge, ValueError or RecursionError."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if declared.isdecimal() and int(declared) > MOST_BYTES:
        raise _TooLarge
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise _TooLarge
    return json.loads(body.decode())


def _executed(request: HttpRequest, payload: Any, context: Context) -> HttpResponse:
    try:
        asked = read(payload)
    except Invalid as error:
        return _json(
            request, {"errors": [described(each) for each in error.found]}, 400
        )
    except RequestRefused as error:
        return _json(request, {"errors": [described(error)]}, 400)
    response = _json(request, execute(asked, context), 200)
    if context.cart_to_remember:
        remember_cart(response, context.cart_to_remember)
    return response


def _refusal(
    request: HttpRequest, fault: Fault, message: str, status: int
) -> HttpResponse:
    errors = [described(RequestRefused(fault, message))]
    return _json(request, {"errors": errors}, status)


def _json(request: HttpRequest, answer: dict[str, Any], status: int) -> HttpResponse:
    accepted = request.headers.get("Accept", "")
    content_type = _GRAPHQL if _GRAPHQL in accepted else "application/json"
    options = {"ensure_ascii": False, "separators": (",", ":")}
    return JsonResponse(
        answer, status=status, content_type=content_type, json_dumps_params=options
    )
