"""The signature of Stripe's webhooks.

Checked over the bytes that came in, because the SDK's own check fails with errors of
Python's on headers and bodies that are no text.
https://docs.stripe.com/webhooks?verify=verify-manually
"""

import hashlib
import hmac
from collections.abc import Iterable

from checkout.payments.gateway import BadSignature, StaleSignature
from shop import database_clock

TOLERANCE_SECONDS = 300
_SCHEME = b"v1"
_LONGEST_STAMP = 12


def verify(body: bytes, header: str, secrets: Iterable[str]) -> None:
    """Check that the provider has signed ``body``, and not long ago.

    A time ahead of ours is accepted: the report is genuine and cannot be an old one.
    Raises BadSignature or StaleSignature.
    """
    fields = _fields(header)
    stamp = next((value for name, value in fields if name == b"t"), b"")
    given = [value for name, value in fields if name == _SCHEME]
    payload = stamp + b"." + body
    if not any(_matches(payload, secret, given) for secret in secrets):
        message = (
            "the webhook's signature does not match STRIPE_WEBHOOK_SECRET"
            if given
            else "the webhook has no signature"
        )
        raise BadSignature(message)
    _check_age(stamp)


def _fields(header: str) -> list[tuple[bytes, bytes]]:
    parts = header.encode("utf-8", "replace").split(b",")
    return [
        (name.strip(), value.strip())
        for name, _equals, value in (part.partition(b"=") for part in parts)
    ]


def _matches(payload: bytes, secret: str, given: list[bytes]) -> bool:
    digest = hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest().encode()
    return any(hmac.compare_digest(digest, one) for one in given)


def _check_age(stamp: bytes) -> None:
    """Raise StaleSignature if the time is too old. It is signed, so it is genuine."""
    if not stamp.isdigit() or len(stamp) > _LONGEST_STAMP:
        message = "the webhook's signature has no time"
        raise BadSignature(message)
    age = int(database_clock.read().timestamp()) - int(stamp)
    if age > TOLERANCE_SECONDS:
        message = (
            f"the webhook was signed {age} seconds ago by the database's clock, and "
            f"{TOLERANCE_SECONDS} are accepted: the clock is wrong, or the webhook is "
            "an old one"
        )
        raise StaleSignature(message)
