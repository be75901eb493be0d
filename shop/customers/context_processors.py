"""The customer in the context of every page."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shop.customers.visitor import customer_of


def customer(request: HttpRequest) -> dict[str, object]:
    """Add ``customer``, who is read only if a template asks. None for guests.

    ``issuer`` is the name of the OpenID Connect issuer, empty without one.
    """
    return {
        "customer": SimpleLazyObject(lambda: customer_of(request)),
        "issuer": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
    }
