"""Codes by mail: whoever enters one reads the mail of that address.

A code is bound to the browser that asked for it by a signed cookie, so that a code in a
mail is of no use to whoever made it be sent elsewhere.
"""

import hmac
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

from shop.customers import outbox
from shop.customers.errors import CodeOver, CodeRefused
from shop.customers.models import Customer, MailCode
from shop.customers.registration import language
from shop.database_clock import Now

DIGITS = 8
LASTS = timedelta(minutes=15)
MOST_TRIES = 5
COOKIE = "account_code"
_SALT = "shop.customers.codes"


@transaction.atomic
def send(
    email: str,
    *,
    purpose: str = MailCode.Purpose.SIGN_IN,
    customer: Customer | None = None,
    password: str = "",
    way: str = "",
) -> MailCode:
    """Store a new code and the mail that tells it. It is the same for every address.

    Whether there is an account is looked at only when the code has been entered.
    """
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    uid = uuid4()
    code = MailCode.objects.create(
        uid=uid,
        purpose=purpose,
        email=email,
        customer=customer,
        digest=_digest(uid, digits),
        password=password,
        way=way,
        expires_at=Now(LASTS),
    )
    minutes = int(LASTS.total_seconds() // 60)
    outbox.queue(
        email,
        f"code_{purpose}",
        language(),
        lasts=LASTS,
        code=f"{digits[:4]} {digits[4:]}",
        minutes=minutes,
    )
    return code


def use(uid: UUID, typed: str) -> MailCode:
    """Use up a code. Raises CodeRefused for a wrong one, CodeOver if it is of no use.

    Each try is counted before it is looked at; of two right ones at once, one wins.
    """
    rows = MailCode.objects.filter(uid=uid, expires_at__gt=Now())
    if not rows.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
        raise CodeOver
    code = rows.select_related("customer__user").first()
    if code is None:
        raise CodeOver
    if not hmac.compare_digest(code.digest, _digest(uid, typed)):
        raise CodeRefused(MOST_TRIES - code.tries)
    if not MailCode.objects.filter(pk=code.pk).delete()[0]:
        raise CodeOver
    return code


def find(request: HttpRequest) -> MailCode | None:
    """Return the code that was last sent for this browser, even if it is over."""
    uid = _uid(request)
    return MailCode.objects.filter(uid=uid).first() if uid else None


def remember(response: HttpResponseBase, code: MailCode) -> None:
    response.set_signed_cookie(
        COOKIE,
        str(code.uid),
        salt=_SALT,
        max_age=LASTS,
        path="/account/",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def forget(response: HttpResponseBase) -> None:
    response.delete_cookie(COOKIE, path="/account/", samesite="Lax")


def remove_old() -> int:
    """Remove codes that are over. Return how many."""
    return MailCode.objects.filter(expires_at__lt=Now()).delete()[0]


def _uid(request: HttpRequest) -> UUID | None:
    value = request.get_signed_cookie(COOKIE, default=None, salt=_SALT, max_age=LASTS)
    try:
        return UUID(value) if value else None
    except ValueError:
        return None


def _digest(uid: UUID, digits: str) -> str:
    return salted_hmac(_SALT, f"{uid}:{digits}", algorithm="sha256").hexdigest()
