"""Staff's API over HTTP: one address, POST, JSON, a token in each request.

Cookies are not read, and no page elsewhere may read answers: programs alone call it.
"""

import json

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from api import allowance
from api.errors import Fault
from api.execution import execute, read
from api.http import (
    Refused,
    check_is_json_post,
    read_body,
    refusal,
    refusing,
    respond,
    respond_refused,
)
from api.staff.context import StaffContext
from api.staff.schema import CORE
from backoffice.tokens import errors
from backoffice.tokens.models import ApiToken
from backoffice.tokens.services import recognise
from shop.web.client_address import client_address

_SCHEME = "bearer"
_FAULTS: dict[type[errors.TokenRefused], Fault] = {
    errors.TokenUnknown: Fault.TOKEN_UNKNOWN,
    errors.TokenExpired: Fault.TOKEN_EXPIRED,
    errors.TokenRevoked: Fault.TOKEN_REVOKED,
    errors.OwnerInactive: Fault.TOKEN_OWNER_INACTIVE,
}


@csrf_exempt  # no cookie is read: another site's page has no token to send
def staff_graphql(request: HttpRequest) -> HttpResponse:
    """Answer a query or a mutation of the token's owner."""
    try:
        response = _answered(request)
    except Refused as wrong:
        response = respond_refused(request, wrong)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Accept-Language", "Authorization"])
    return response


def _answered(request: HttpRequest) -> HttpResponse:
    check_is_json_post(request, "POST")
    with refusing():
        body = read_body(request)
        # Before the token is looked up: whoever guesses is slowed down.
        allowance.admit_body(client_address(request), len(body))
        token = _token(request)
        asked = read(json.loads(body.decode()), CORE)
        allowance.admit_token(token.pk, asked)
    return respond(request, execute(asked, StaffContext(request, token)), 200)


@sensitive_variables("sent", "text")
def _token(request: HttpRequest) -> ApiToken:
    """Return the request's token. Raises Refused."""
    sent = request.headers.get("Authorization", "")
    scheme, _space, text = sent.partition(" ")
    if scheme.lower() != _SCHEME or not text.strip():
        said = "Send the header Authorization: Bearer, with a token of the admin."
        raise _unauthorised(Fault.TOKEN_MISSING, said)
    try:
        return recognise(text.strip())
    except errors.TokenRefused as error:
        raise _unauthorised(_FAULTS[type(error)], error.sentence) from error


def _unauthorised(fault: Fault, text: str) -> Refused:
    wrong = refusal(fault, text, 401)
    wrong.headers["WWW-Authenticate"] = "Bearer"
    return wrong
