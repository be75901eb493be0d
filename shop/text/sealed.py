"""Secrets at rest: texts that the database keeps and only this program can read.

For secrets that must be known in the clear to be used, such as those that sign
webhooks; what only has to be recognised is hashed instead. The key follows from
SECRET_KEY, which is not in the database: a copy of the database gives no secret away.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotBeRead(Exception):
    """The text was sealed under another SECRET_KEY."""

    def __init__(self) -> None:
        super().__init__(
            "a secret was sealed under another SECRET_KEY: add that key to "
            "SECRET_KEY_FALLBACKS, or make a new secret"
        )


def seal(text: str, purpose: str) -> str:
    """Return the text encrypted and signed. Only the same ``purpose`` can read it."""
    return _keys(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str) -> str:
    """Return the text. Raises CannotBeRead."""
    try:
        return _keys(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise CannotBeRead from error


def _keys(purpose: str) -> MultiFernet:
    known = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_key(key, purpose) for key in known])


@cache
def _key(secret: str, purpose: str) -> Fernet:
    derive = HKDF(SHA256(), length=32, salt=None, info=f"sealed {purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derive.derive(secret.encode())))
