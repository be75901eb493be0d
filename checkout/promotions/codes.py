"""Coupon codes: how they are compared, and how new ones are drawn."""

import re
import secrets
import unicodedata

LONGEST_CODE = 40
# Crockford's alphabet has no I, L, O or U, so a code can be read out on the phone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP = 2, 5
_NOT_COMPARED = re.compile(r"[\s_\-\u00ad\u2010-\u2015\u2212\u30fc]+")


def key_of(typed: str) -> str:
    """Return what of a code is compared; "" if nothing can be.

    Width (NFKC), capitals, spaces and hyphens make no difference.
    """
    folded = unicodedata.normalize("NFKC", typed).casefold()
    key = _NOT_COMPARED.sub("", folded)
    return key if len(key) <= LONGEST_CODE else ""


def draw(prefix: str = "") -> str:
    """Return a new random code of 50 bits such as ``K7Q2M-X4T9B``."""
    groups = [
        "".join(secrets.choice(_ALPHABET) for _position in range(_GROUP))
        for _group in range(_GROUPS)
    ]
    return "-".join([prefix, *groups] if prefix else groups)
