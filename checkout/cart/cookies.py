"""The cookie that leads to a visitor's cart: a signed id, for 30 days.

A customer's cart has the customer in its cookie, too. It leads nowhere unless this
customer is signed in: whoever uses the browser next finds an empty cart.
"""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from checkout.cart.models import Cart
from shop.customers.visitor import customer_of

COOKIE = "cart"
_SALT = "checkout.cart"


def cart_uid(request: HttpRequest) -> UUID | None:
    """Return the cart's uid from the cookie; None when absent, forged or too old.

    None as well for the cart of a customer who is not signed in.
    """
    value = request.get_signed_cookie(
        COOKIE, default=None, salt=_SALT, max_age=_seconds()
    )
    uid, _separator, owner = (value or "").partition(".")
    if owner and owner != str(customer_pk(request)):
        return None
    try:
        return UUID(uid) if uid else None
    except ValueError:
        return None


def customer_pk(request: HttpRequest) -> int | None:
    """Return the key of the customer who is signed in; None for a guest."""
    customer = customer_of(request)
    return customer.pk if customer else None


def remember_cart(response: HttpResponseBase, cart: Cart) -> None:
    """Keep ``cart`` for another 30 days in this browser."""
    response.set_signed_cookie(
        COOKIE,
        f"{cart.uid}.{cart.customer_id}" if cart.customer_id else str(cart.uid),
        salt=_SALT,
        max_age=_seconds(),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def forget_cart(response: HttpResponseBase) -> None:
    """Remove the cookie; a customer's cart stays with the account."""
    response.delete_cookie(COOKIE, samesite="Lax")


def _seconds() -> int:
    return int(settings.CART_DAYS) * 86_400
