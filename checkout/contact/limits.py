"""How often one may write: pauses for whoever writes too often, and for nobody else."""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from shop.customers.limits import OF_ADDRESS, TOO_FAST
from shop.customers.models import Customer
from shop.web.client_address import client_address
from shop.web.throttle import HOUR, Pace, TooFast, admit

# Anybody can type somebody else's address: its owner waits for some seconds at most.
_OF_MAIL = Pace(free=20, first=10, longest=10, remembered=HOUR)


def admit_enquiry(request: HttpRequest, email: str, customer: Customer | None) -> None:
    """Count a message. Raises ValidationError if it comes too fast."""
    address = client_address(request) or f"unknown-{uuid4()}"
    device = f"customer-{customer.pk}" if customer else ""
    try:
        admit(
            email,
            address,
            device,
            for_name=_OF_MAIL,
            for_address=OF_ADDRESS,
            kind="contact",
        )
    except TooFast as error:
        seconds = {"seconds": error.seconds}
        raise ValidationError(TOO_FAST, code="too_fast", params=seconds) from error
