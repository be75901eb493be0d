"""Sign in over HTTP, step by step."""

import html
import re
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.test import Client

STALLED = "/admin/backoffice/stalledorder/"
LOGIN = "/admin/login/"
ASK = "/admin/login/second-factor/"
OVERVIEW = "/admin/second-factor/"
CODES = f"{OVERVIEW}codes/"
ENROL = f"{OVERVIEW}enrol/"
PASSWORD = "open-sesame"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Door:
    """A browser without JavaScript that signs in to the staff's pages."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, path: str) -> Any:
        return self.client.get(path, follow=True)

    def post(self, path: str, **fields: str) -> Any:
        return self.client.post(path, fields, follow=True)

    def sign_in(
        self, name: str = "yuki", password: str = PASSWORD, way: str = ""
    ) -> Any:
        fields = {"next": way} if way else {}
        return self.post(LOGIN, username=name, password=password, **fields)

    def answer(self, code: str) -> Any:
        return self.post(ASK, code=code)

    def is_open(self) -> bool:
        return bool(self.client.get("/admin/").status_code == 200)


def arrived(answer: Any) -> str:
    """Return the path of the last page after all redirects."""
    return str(answer.request["PATH_INFO"])


def words(answer: Any) -> str:
    """Return the text of the page in one line."""
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", html.unescape(text))


def code_now(secret: str = SECRET, *, periods: int = 0) -> str:
    """Return the six digits that the app shows now, or ``periods`` of 30 s later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods)))


def lasting_code() -> str:
    """Return the digits that the app shows; wait for the next if they expire soon."""
    left = 30 - time.time() % 30
    if left < 10:
        time.sleep(left)
    return code_now()


def give_app(user: User) -> Authenticator:
    return TOTP.activate(user, SECRET).instance


def give_codes(user: User) -> list[str]:
    """Create recovery codes and return them."""
    codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    return codes
