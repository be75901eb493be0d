"""How often a return may be asked for: each wish is a mail, an alert and a photo."""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from orders.models import Order
from shop.customers.limits import OF_ADDRESS, TOO_FAST
from shop.web.client_address import client_address
from shop.web.throttle import HOUR, Entry, Pace, TooFast, admit

# Of one order, from everywhere: whoever corrects a form some times does not notice.
_OF_ORDER = Pace(free=20, first=30, longest=600, remembered=HOUR)


def admit_wish(request: HttpRequest, order: Order) -> Entry:
    """Count a wish for this order. Raises ValidationError if it comes too fast.

    The caller takes back one that was recorded: those are limited by the day.
    """
    address = client_address(request) or f"unknown-{uuid4()}"
    name = str(order.uid)
    pace = {"for_name": _OF_ORDER, "for_address": OF_ADDRESS}
    try:
        return admit(name, address, "", kind="return", **pace)
    except TooFast as error:
        seconds = {"seconds": error.seconds}
        raise ValidationError(TOO_FAST, code="too_fast", params=seconds) from error
