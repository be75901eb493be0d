"""What customers do with their deletion request: make it, see it, withdraw it."""

from datetime import datetime, timedelta

from django.conf import settings

from flows.erasure.definition import ERASURE, FLOW
from flows.erasure.models import ErasureRequest
from flows.services import last_run, start_flow
from saga.errors import ActionRefused
from saga.models import ENDED
from saga.operations import cancel
from shop import database_clock
from shop.customers.models import Customer

# Who acts, in the history.
CUSTOMER = "customer"


def request(customer: Customer) -> datetime:
    """Ask for the deletion. Return when the account is erased. Twice is once."""
    start_flow(FLOW, str(customer.pk), {"by": CUSTOMER})
    usual = database_clock.read() + timedelta(days=settings.ERASURE_DAYS)
    return pending(customer) or usual


def pending(customer: Customer) -> datetime | None:
    """Return when the account is erased; None if nobody asked for it."""
    saga = last_run(ERASURE.name, str(customer.pk))
    if saga is None or saga.state in ENDED:
        return None
    row = ErasureRequest.objects.filter(customer=customer.pk).first()
    usual = saga.created_at + timedelta(days=settings.ERASURE_DAYS)
    return row.erase_at if row else usual


def withdraw(customer: Customer) -> bool:
    """Keep the account. Return False if that is not possible at this moment."""
    saga = last_run(ERASURE.name, str(customer.pk))
    if saga is None or saga.state in ENDED:
        return True
    try:
        cancel(saga, CUSTOMER, "withdrawn")
    except ActionRefused:
        return False
    return True
