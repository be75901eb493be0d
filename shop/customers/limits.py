"""How often passwords may be wrong, and codes be asked for (shop/web/throttle.py).

Nobody is locked out: who did not cause a pause waits for a short one at most, and on a
device with which they have signed in before for none.
"""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shop.customers.registration import find
from shop.customers.sessions import DEVICES
from shop.web.client_address import client_address
from shop.web.throttle import HOUR, Entry, Pace, TooFast, admit

TOO_FAST = _("Too many attempts. Wait %(seconds)s seconds and try again.")

# Many customers share the address of a mobile network: its pauses stay short.
OF_ADDRESS = Pace(free=100, first=5, longest=60, remembered=HOUR)
# From all unknown devices together. A mail is sent for each code.
PASSWORDS = Pace(free=50, first=10, longest=10, remembered=HOUR)
CODES = Pace(free=10, first=60, longest=600, remembered=HOUR)


def admit_password(request: HttpRequest, email: str) -> Entry:
    """Count a password before it is looked at. Raises ValidationError if too fast."""
    return _admit(request, email, PASSWORDS, "customer-password")


def admit_code(request: HttpRequest, email: str) -> Entry:
    """Count a mail that is asked for. Raises ValidationError if it comes too fast."""
    return _admit(request, email, CODES, "customer-code")


def admit_look_up(request: HttpRequest, email: str) -> Entry:
    """Count the look-up of an order. Raises ValidationError if it comes too fast."""
    return _admit(request, email, CODES, "look-up")


def _admit(request: HttpRequest, email: str, for_name: Pace, kind: str) -> Entry:
    customer = find(email)
    device = DEVICES.known(request, customer.user if customer else None)
    # Unknown addresses count apart: a proxy that TRUSTED_PROXIES leaves out must not
    # make all customers one.
    address = client_address(request) or f"unknown-{uuid4()}"
    try:
        return admit(
            email, address, device, for_name=for_name, for_address=OF_ADDRESS, kind=kind
        )
    except TooFast as error:
        seconds = {"seconds": error.seconds}
        raise ValidationError(TOO_FAST, code="too_fast", params=seconds) from error
