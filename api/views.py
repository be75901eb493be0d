"""GraphQL over HTTP: one address, POST, JSON.

https://graphql.github.io/graphql-over-http/draft/
"""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from api import allowance, kept, origins
from api.context import Context
from api.errors import Fault, RequestRefused
from api.execution import Asked, Invalid, described, execute, read
from api.sockets import SUBPROTOCOL, Socket
from api.streams import open_stream
from checkout.cart.cookies import remember_cart
from shop.event_streams import SocketResponse, has_room
from shop.throttle import TooFast

Answer = Callable[[HttpRequest, Asked, Context], HttpResponseBase]

MOST_BYTES = 65_536  # of a body; a large document has some thousand
_LONGEST_ID = 9  # digits
_GRAPHQL = "application/graphql-response+json"


@csrf_exempt  # api.origins checks where a request comes from, and reads no form
def graphql(request: HttpRequest) -> HttpResponseBase:
    """Answer a query or a mutation."""
    return _handle(request, _executed)


@csrf_exempt
def stream(request: HttpRequest) -> HttpResponseBase:
    """Answer a subscription with server-sent events, or switch to a WebSocket."""
    if request.headers.get("Upgrade", "").lower() == "websocket":
        return _switched(request)
    return _handle(request, _subscribed)


def _switched(request: HttpRequest) -> HttpResponseBase:
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    is_whole = (
        request.method == "GET"
        and request.headers.get("Sec-WebSocket-Version") == "13"
        and request.headers.get("Sec-WebSocket-Key")
        and SUBPROTOCOL in [each.strip() for each in offered]
    )
    if not is_whole:
        text = f"Open a WebSocket of version 13 with the protocol {SUBPROTOCOL}."
        return HttpResponse(text, status=400, content_type="text/plain")
    if not origins.may_connect(request):
        text = "Pages of this origin may not connect: see API_ORIGINS."
        return HttpResponse(text, status=403, content_type="text/plain")
    if not has_room(request):
        text = "No connection can be kept here now."
        return HttpResponse(text, status=503, content_type="text/plain")
    return SocketResponse(Socket(request))


def _handle(request: HttpRequest, answer: Answer) -> HttpResponseBase:
    if request.method == "OPTIONS":
        return origins.preflight(request)
    try:
        response = answer(request, *_asked(request))
    except _Refused as refusal:
        response = _json(request, {"errors": refusal.errors}, refusal.status)
        for name, value in refusal.headers.items():
            response[name] = value
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Accept-Language", "Cookie", "Origin"])
    return origins.permit(request, response)


def _asked(request: HttpRequest) -> tuple[Asked, Context]:
    """Return what is asked for, and by whom. Raises _Refused."""
    if request.method != "POST":
        refusal = _refusal(Fault.METHOD, "Send a POST with JSON.", 405)
        refusal.headers["Allow"] = "POST, OPTIONS"
        raise refusal
    if request.content_type != "application/json":
        text = "The content type must be application/json."
        raise _refusal(Fault.CONTENT_TYPE, text, 415)
    try:
        body = _body(request)
        context = Context(request, origins.uses_cookies(request))
        context.resumed_after = _last_event(request)
        allowance.admit_body(context, len(body))
        asked = read(json.loads(body.decode()))
        allowance.admit(context, asked)
    except TooFast as error:
        text = _("Too many requests. Wait %(seconds)s seconds and try again.")
        refusal = _refusal(Fault.TOO_FAST, text % {"seconds": error.seconds}, 429)
        refusal.headers["Retry-After"] = str(error.seconds)
        raise refusal from error
    except origins.NotProved as error:
        raise _refusal(Fault.CSRF, str(error), 403) from error
    except Invalid as error:
        raise _Refused([described(each) for each in error.found], 400) from error
    except RequestRefused as error:
        raise _Refused([described(error)], 400) from error
    except (ValueError, RecursionError, UnreadablePostError) as error:
        text = "The body must be JSON in UTF-8."
        raise _refusal(Fault.NOT_JSON, text, 400) from error
    return asked, context


class _Refused(Exception):
    """The request is answered with errors alone, and this status."""

    def __init__(self, errors: list[dict[str, Any]], status: int) -> None:
        super().__init__(errors)
        self.errors = errors
        self.status = status
        self.headers: dict[str, str] = {}


def _refusal(fault: Fault, message: str, status: int) -> _Refused:
    return _Refused([described(RequestRefused(fault, message))], status)


def _body(request: HttpRequest) -> bytes:
    """Return the body. Raises _Refused if it is too large, and UnreadablePostError."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    is_long = declared.isdecimal() and int(declared) > MOST_BYTES
    body = b"" if is_long else request.read(MOST_BYTES + 1)
    if is_long or len(body) > MOST_BYTES:
        text = f"The body may have {MOST_BYTES} bytes at most."
        raise _refusal(Fault.BODY_TOO_LARGE, text, 413)
    return body


def _last_event(request: HttpRequest) -> int:
    """Return the last message that a client saw before its line was lost."""
    number = request.headers.get("Last-Event-ID", "")
    is_number = number.isascii() and number.isdecimal() and len(number) <= _LONGEST_ID
    return int(number) if is_number else 0


def _executed(request: HttpRequest, asked: Asked, context: Context) -> HttpResponseBase:
    if asked.checked.operation == "subscription":
        text = f"Send subscriptions to {reverse('api:stream')}."
        raise _refusal(Fault.SUBSCRIPTION, text, 400)
    if kept.is_for_all(asked):
        return kept.respond(
            request,
            asked,
            lambda: execute(asked, context),
            lambda answer: _json(request, answer, 200),
        )
    response = _json(request, execute(asked, context), 200)
    if context.cart_to_remember:
        remember_cart(response, context.cart_to_remember)
    return response


def _subscribed(
    request: HttpRequest, asked: Asked, context: Context
) -> HttpResponseBase:
    if asked.checked.operation != "subscription":
        text = f"Send queries and mutations to {reverse('api:graphql')}."
        raise _refusal(Fault.SUBSCRIPTION, text, 400)
    if not has_room(request):
        text = "No stream can be kept here now. Ask for `order` every two seconds."
        refusal = _refusal(Fault.NO_STREAM, text, 503)
        refusal.headers["Retry-After"] = "2"
        raise refusal
    return open_stream(asked, context)


def _json(request: HttpRequest, answer: dict[str, Any], status: int) -> HttpResponse:
    accepted = request.headers.get("Accept", "")
    content_type = _GRAPHQL if _GRAPHQL in accepted else "application/json"
    options = {"ensure_ascii": False, "separators": (",", ":")}
    return JsonResponse(
        answer, status=status, content_type=content_type, json_dumps_params=options
    )
