"""What the steps of a deletion request do. The books stay whole (docs/adr/0052)."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import translation

from checkout.cart.models import Cart
from flows.erasure.models import ErasureRequest
from flows.services import about_of
from orders.models import Order
from saga.errors import Abort, ManualIntervention
from saga.results import PivotPassed, Wait
from saga.step import Context
from shop import database_clock
from shop.customers import outbox, registration
from shop.customers.models import Customer, SavedAddress
from shop.formatting import moment


def key_of(context: Context) -> int:
    return int(about_of(context))


def request_of(context: Context) -> ErasureRequest:
    return ErasureRequest.objects.get(customer=key_of(context))


def collect(context: Context) -> dict[str, int]:
    """Count what there is, and tell the customer by when it is erased."""
    key = key_of(context)
    customer = Customer.objects.filter(pk=key).first()
    if customer is None:
        message = "this account does not exist (any more)"
        raise Abort(message, "no account")
    found = find(key)
    erase_at = database_clock.read() + timedelta(days=settings.ERASURE_DAYS)
    values: dict[str, Any] = {
        "email": customer.email,
        "language": customer.language,
        "found": found,
        "erase_at": erase_at,
    }
    ErasureRequest.objects.update_or_create(customer=key, defaults=values)
    with translation.override(customer.language):
        when = moment(erase_at)
    outbox.queue(customer.email, "erasure_requested", customer.language, when=when)
    return found


def forget_request(context: Context) -> None:
    """Undo: the customer keeps the account."""
    ErasureRequest.objects.filter(customer=key_of(context)).delete()


def await_day(context: Context) -> Wait | None:
    erase_at = request_of(context).erase_at
    return Wait(erase_at, "withdrawal") if database_clock.read() < erase_at else None


def erase(context: Context) -> PivotPassed:
    """Erase the account; its orders stay, without the person. The pivot."""
    rows = ErasureRequest.objects.filter(customer=key_of(context))
    customer = Customer.objects.filter(pk=key_of(context)).first()
    if customer is not None:
        # The certificate goes to the address of today.
        rows.update(email=customer.email, language=customer.language)
        registration.delete(customer, tell=False)
    rows.update(erased_at=database_clock.read())
    return PivotPassed()


def certify(context: Context) -> dict[str, str]:
    """Look that nothing is left, send the certificate, and forget the address."""
    request = request_of(context)
    left = find(request.customer)
    if any(left.values()) or User.objects.filter(pk=request.customer).exists():
        message = f"something of the account is left: {left}"
        raise ManualIntervention(message)
    number = str(request.certificate)
    if request.email:
        outbox.queue(
            request.email, "erasure_certificate", request.language, number=number
        )
    ErasureRequest.objects.filter(pk=request.pk).update(email="", language="")
    return {"certificate": number}


def find(customer: int) -> dict[str, int]:
    """Return how many rows of each kind belong to the account."""
    return {
        "accounts": Customer.objects.filter(pk=customer).count(),
        "addresses": SavedAddress.objects.filter(customer=customer).count(),
        "carts": Cart.objects.filter(customer_id=customer).count(),
        "orders": Order.objects.filter(customer_id=customer).count(),
    }
