"""The API of customers: one address for questions, one for streams.

What is common to all of GraphQL over HTTP is in api/http.py.
"""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from api import allowance, kept, origins
from api.context import Context
from api.errors import Fault
from api.execution import Asked, execute, read
from api.http import (
    Refused,
    check_is_json_post,
    read_body,
    refusal,
    refusing,
    respond,
    respond_refused,
)
from api.sockets import SUBPROTOCOL, Socket
from api.streams import open_stream
from checkout.cart.cookies import remember_cart
from shop.web.event_streams import SocketResponse, has_room

Answer = Callable[[HttpRequest, Asked, Context], HttpResponseBase]

_LONGEST_ID = 9  # digits


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
    except Refused as wrong:
        response = respond_refused(request, wrong)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Accept-Language", "Cookie", "Origin"])
    return origins.permit(request, response)


def _asked(request: HttpRequest) -> tuple[Asked, Context]:
    """Return what is asked for, and by whom. Raises Refused."""
    check_is_json_post(request)
    try:
        with refusing():
            body = read_body(request)
            context = Context(request, origins.uses_cookies(request))
            context.resumed_after = _last_event(request)
            allowance.admit_body(context.client, len(body))
            asked = read(json.loads(body.decode()))
            allowance.admit(context, asked)
    except origins.NotProved as error:
        raise refusal(Fault.CSRF, str(error), 403) from error
    return asked, context


def _last_event(request: HttpRequest) -> int:
    """Return the last message that a client saw before its line was lost."""
    number = request.headers.get("Last-Event-ID", "")
    is_number = number.isascii() and number.isdecimal() and len(number) <= _LONGEST_ID
    return int(number) if is_number else 0


def _executed(request: HttpRequest, asked: Asked, context: Context) -> HttpResponseBase:
    if asked.checked.operation == "subscription":
        text = f"Send subscriptions to {reverse('api:stream')}."
        raise refusal(Fault.SUBSCRIPTION, text, 400)
    if kept.is_for_all(asked):
        return kept.respond(
            request,
            asked,
            lambda: execute(asked, context),
            lambda answer: respond(request, answer, 200),
        )
    response = respond(request, execute(asked, context), 200)
    if context.cart_to_remember:
        remember_cart(response, context.cart_to_remember)
    return response


def _subscribed(
    request: HttpRequest, asked: Asked, context: Context
) -> HttpResponseBase:
    if asked.checked.operation != "subscription":
        text = f"Send queries and mutations to {reverse('api:graphql')}."
        raise refusal(Fault.SUBSCRIPTION, text, 400)
    if not has_room(request):
        text = "No stream can be kept here now. Ask for `order` every two seconds."
        full = refusal(Fault.NO_STREAM, text, 503)
        full.headers["Retry-After"] = "2"
        raise full
    return open_stream(asked, context)
