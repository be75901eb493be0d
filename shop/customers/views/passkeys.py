"""Passkeys of customers: to add one, to remove it, and to sign in with it."""

import json
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from shop.customers.backend import customers_users
from shop.customers.models import Customer
from shop.customers.sessions import sign_in
from shop.customers.views.entrance import FORM, HOME
from shop.customers.visitor import for_fresh_customers, safe_way
from shop.web.redirects import see_other

LONGEST = 20_000  # characters of what a browser sends of a passkey


@require_http_methods(FORM)
@never_cache
@for_fresh_customers
def show(request: HttpRequest, customer: Customer) -> HttpResponse:
    """List the passkeys, and add the one that the browser has made."""
    if request.method == "POST":
        try:
            _add(customer, _credential(request))
        except ValidationError:
            messages.error(request, _("The passkey was not added. Please try again."))
        else:
            messages.success(request, _("You can now sign in with the passkey."))
        return see_other("customers:passkeys")
    options = auth.begin_registration(customer.user, passwordless=True)
    context = {
        "passkeys": _held(customer).order_by("pk"),
        "data": {"creation_options": options},
    }
    return render(request, "customers/passkeys.html", context)


@require_POST
@for_fresh_customers
def remove(request: HttpRequest, customer: Customer, pk: int) -> HttpResponse:
    if _held(customer).filter(pk=pk).delete()[0]:
        messages.success(request, _("The passkey was removed."))
    return see_other("customers:passkeys")


@require_http_methods(FORM)
@never_cache
def enter(request: HttpRequest) -> HttpResponse:
    """Tell a script what to ask the browser for; sign in who answers it."""
    if request.method != "POST":
        return JsonResponse({"request_options": auth.begin_authentication(None)})
    try:
        customer = _owner(_credential(request))
    except ValidationError:
        messages.error(request, _("The passkey did not work. Use another way."))
        return see_other("customers:sign_in")
    way = safe_way(request, request.POST.get("next", ""))
    response = see_other(way or HOME)
    sign_in(request, customer, response)
    return response


def _credential(request: HttpRequest) -> dict[str, Any]:
    """Return what the browser made. Raises ValidationError if it is nothing of that."""
    sent = request.POST.get("credential", "")
    try:
        credential = json.loads(sent) if len(sent) <= LONGEST else None
    except (ValueError, RecursionError):
        credential = None
    if not isinstance(credential, dict):
        message = "no credential"
        raise ValidationError(message)
    return credential


def _add(customer: Customer, credential: dict[str, Any]) -> None:
    auth.parse_registration_response(credential)
    made = auth.complete_registration(credential)
    if not made.is_user_verified():
        message = "the device did not ask who it is"
        raise ValidationError(message)
    name = date_format(localdate(), "DATE_FORMAT")
    auth.WebAuthn.add(customer.user, name, credential)


def _owner(credential: dict[str, Any]) -> Customer:
    """Return the customer whose passkey answered. Raises ValidationError."""
    auth.parse_authentication_response(credential)
    claimed = auth.extract_user_from_response(credential)
    user = customers_users().filter(pk=claimed.pk).first()
    if user is None:
        message = "not a passkey of a customer"
        raise ValidationError(message)
    auth.complete_authentication(user, credential).record_usage()
    return user.customer


def _held(customer: Customer) -> Any:
    return Authenticator.objects.filter(
        user_id=customer.pk, type=Authenticator.Type.WEBAUTHN
    )
