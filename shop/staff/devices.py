"""Devices from which a person has signed in before, known by a signed cookie.

It opens nothing: its wrong entries are counted apart from those of strangers
(shop/staff/throttle.py). It ends with a new password.
"""

from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse

LASTS = 90 * 24 * 3600  # seconds
SALT = "shop.staff.devices"


def known_device(request: HttpRequest, user: User | None) -> str:
    """Return the id of the device, or "" if this user has not signed in with it."""
    if user is None:
        return ""
    cookie = request.COOKIES.get(_name(user), "")
    try:
        device, seal = signing.loads(cookie, salt=SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(device) if seal == _seal(user) else ""


def remember_device(request: HttpRequest, user: User, response: HttpResponse) -> None:
    device = known_device(request, user) or uuid4().hex
    response.set_cookie(
        _name(user),
        signing.dumps((device, _seal(user)), salt=SALT),
        max_age=LASTS,
        path="/admin/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _name(user: User) -> str:
    return f"staff_device_{user.pk}"


def _seal(user: User) -> str:
    return str(user.get_session_auth_hash())[:16]
