"""Devices from which a person has signed in before, known by a signed cookie.

It opens nothing: its wrong entries are counted apart from those of strangers
(shop/web/throttle.py). It ends with a new password.
"""

from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

LASTS = 90 * 24 * 3600  # seconds


@dataclass(frozen=True)
class Devices:
    """The devices of one kind of users; their cookies are sent below ``path``."""

    prefix: str
    path: str
    salt: str

    def known(self, request: HttpRequest, user: User | None) -> str:
        """Return the id of the device, or "" if the user has not signed in with it."""
        if user is None:
            return ""
        cookie = request.COOKIES.get(self._name(user), "")
        try:
            device, seal = signing.loads(cookie, salt=self.salt, max_age=LASTS)
        except (signing.BadSignature, ValueError, TypeError):
            return ""
        return str(device) if seal == _seal(user) else ""

    def remember(
        self, request: HttpRequest, user: User, response: HttpResponseBase
    ) -> None:
        device = self.known(request, user) or uuid4().hex
        response.set_cookie(
            self._name(user),
            signing.dumps((device, _seal(user)), salt=self.salt),
            max_age=LASTS,
            path=self.path,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )

    def _name(self, user: User) -> str:
        return f"{self.prefix}_{user.pk}"


def _seal(user: User) -> str:
    return str(user.get_session_auth_hash())[:16]
