"""The customer in the context of every page."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shop.customers.visitor import customer_of


def customer(request: HttpRequest) -> dict[str, object]:
    """Add ``customer``, who is read only if a template asks. None for guests."""
    return {"customer": SimpleLazyObject(lambda: customer_of(request))}
