"""Mail addresses, also those of Japanese carriers that no standard allows.

Until 2009 docomo and au gave out addresses with dots side by side or before the @, and
people still have them. Mail to them is accepted with the part before the @ in quotation
marks, which the standard allows: ``"a..b"@docomo.ne.jp`` (RFC 5321, 4.1.2).
"""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from shop.text.typed import fold

_CARRIERS = frozenset({"docomo.ne.jp", "ezweb.ne.jp", "au.com"})
_CARRIERS_LOCAL = re.compile(r"[0-9A-Za-z_.+-]{1,64}")
_DOT_ATOM = re.compile(r"[^.\"]+(\.[^.\"]+)*")
_DOTS = str.maketrans("。｡．", "...")  # noqa: RUF001 (typed as a dot in Japanese)


def fold_mail_address(typed: str) -> str:
    """Return a typed address in ordinary width, with dots and without spaces."""
    return fold(typed.translate(_DOTS)).translate(_DOTS).replace(" ", "")


def validate_mail_address(address: str) -> None:
    """Raise ValidationError unless mail can be sent to ``address``."""
    local, _, domain = address.rpartition("@")
    if domain.lower() in _CARRIERS and _CARRIERS_LOCAL.fullmatch(local):
        return
    validate_email(address)


def is_standard(address: str) -> bool:
    """Return whether other companies' programs take the address, too.

    Stripe refuses dots side by side or before the @, in quotation marks as well.
    """
    try:
        validate_email(address)
    except ValidationError:
        return False
    return address.isascii()


def quote_mail_address(address: str) -> str:
    """Return the address as mail servers take it: quoted, if its dots require it."""
    local, at, domain = address.rpartition("@")
    if not at or _DOT_ATOM.fullmatch(local) or local.startswith('"'):
        return address
    return f'"{local}"@{domain}'
