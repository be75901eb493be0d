"""The cookie that leads to a visitor's cart: a signed id, for 30 days."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from checkout.cart.models import Cart

COOKIE = "cart"
_SALT = "checkout.cart"


def cart_uid(request: HttpRequest) -> UUID | None:
    """Return the cart's uid from the cookie; None when absent, forged or too old."""
    value = request.get_signed_cookie(
        COOKIE, default=None, salt=_SALT, max_age=_seconds()
    )
    try:
        return UUID(value) if value else None
    except ValueError:
        return None


def remember_cart(response: HttpResponseBase, cart: Cart) -> None:
    """Keep ``cart`` for another 30 days in this browser."""
    response.set_signed_cookie(
        COOKIE,
        str(cart.uid),
        salt=_SALT,
        max_age=_seconds(),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _seconds() -> int:
    return int(settings.CART_DAYS) * 86_400
