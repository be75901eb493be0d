"""Signing a customer in and out."""

import time

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponseBase

from shop.customers import hooks
from shop.customers.backend import BACKEND
from shop.customers.models import Customer
from shop.web.devices import Devices

LASTS = 30 * 24 * 3600  # seconds
FRESH = 15 * 60  # seconds
SIGNED_IN = "customer_signed_in_at"

DEVICES = Devices("account_device", "/account/", "shop.customers.devices")


def sign_in(
    request: HttpRequest, customer: Customer, response: HttpResponseBase
) -> None:
    """Open a session under a new key; the one of another person ends.

    What a signed-in customer has besides, such as a cart, is added by the hooks.
    """
    login(request, customer.user, backend=BACKEND)
    request.session.cycle_key()
    request.session.set_expiry(LASTS)
    request.session[SIGNED_IN] = time.time()
    DEVICES.remember(request, customer.user, response)
    hooks.signed_in(request, response, customer)


def sign_out(request: HttpRequest, response: HttpResponseBase) -> None:
    logout(request)
    hooks.signed_out(response)


def is_fresh(request: HttpRequest) -> bool:
    """Return whether the last sign-in of this session was a few minutes ago."""
    signed_in_at = float(request.session.get(SIGNED_IN, 0))
    return 0 <= time.time() - signed_in_at < FRESH
