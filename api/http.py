"""GraphQL over HTTP, whoever asks: JSON in, JSON out, and refusals of requests.

https://graphql.github.io/graphql-over-http/draft/
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _

from api.errors import Fault, RequestRefused
from api.execution import Invalid, described
from shop.web.throttle import TooFast

MOST_BYTES = 65_536  # of a body; a large document has some thousand
_GRAPHQL = "application/graphql-response+json"


class Refused(Exception):
    """The request is answered with errors alone, and this status."""

    def __init__(self, errors: list[dict[str, Any]], status: int) -> None:
        super().__init__(errors)
        self.errors = errors
        self.status = status
        self.headers: dict[str, str] = {}


def refusal(fault: Fault, message: str, status: int) -> Refused:
    return Refused([described(RequestRefused(fault, message))], status)


def check_is_json_post(request: HttpRequest, allowed: str = "POST, OPTIONS") -> None:
    """Raise Refused unless the request is a POST with JSON."""
    if request.method != "POST":
        wrong = refusal(Fault.METHOD, "Send a POST with JSON.", 405)
        wrong.headers["Allow"] = allowed
        raise wrong
    if request.content_type != "application/json":
        text = "The content type must be application/json."
        raise refusal(Fault.CONTENT_TYPE, text, 415)


def read_body(request: HttpRequest) -> bytes:
    """Return the body. Raises Refused if it is too large, and UnreadablePostError."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    is_long = declared.isdecimal() and int(declared) > MOST_BYTES
    body = b"" if is_long else request.read(MOST_BYTES + 1)
    if is_long or len(body) > MOST_BYTES:
        text = f"The body may have {MOST_BYTES} bytes at most."
        raise refusal(Fault.BODY_TOO_LARGE, text, 413)
    return body


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what is wrong with a request into Refused, with its code and status."""
    try:
        yield
    except TooFast as error:
        text = _("Too many requests. Wait %(seconds)s seconds and try again.")
        slow = refusal(Fault.TOO_FAST, text % {"seconds": error.seconds}, 429)
        slow.headers["Retry-After"] = str(error.seconds)
        raise slow from error
    except Invalid as error:
        raise Refused([described(each) for each in error.found], 400) from error
    except RequestRefused as error:
        raise Refused([described(error)], 400) from error
    except (ValueError, RecursionError, UnreadablePostError) as error:
        text = "The body must be JSON in UTF-8."
        raise refusal(Fault.NOT_JSON, text, 400) from error


def respond(request: HttpRequest, answer: dict[str, Any], status: int) -> HttpResponse:
    accepted = request.headers.get("Accept", "")
    content_type = _GRAPHQL if _GRAPHQL in accepted else "application/json"
    options = {"ensure_ascii": False, "separators": (",", ":")}
    return JsonResponse(
        answer, status=status, content_type=content_type, json_dumps_params=options
    )


def respond_refused(request: HttpRequest, wrong: Refused) -> HttpResponse:
    response = respond(request, {"errors": wrong.errors}, wrong.status)
    for name, value in wrong.headers.items():
        response[name] = value
    return response
