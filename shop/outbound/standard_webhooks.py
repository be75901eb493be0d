"""Signatures of Standard Webhooks, over the bytes that are sent or came in.

The library makes them. Its own check is not used: it reads the clock of this host
instead of the database's, and fails with errors of Python's on headers that are no
signatures. https://www.standardwebhooks.com
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from shop import database_clock

TOLERANCE_SECONDS = 300
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
LONGEST_ID = 255
_LONGEST_STAMP = 12
# While secrets are replaced a message has two signatures; nobody needs more than this.
_MOST_SIGNATURES = 10


class SignatureRefused(Exception):
    """Base: the message is not taken. ``code`` is what its sender is answered."""

    code = "bad_signature"


class BadSignature(SignatureRefused):
    """Nobody who knows a secret of ours signed it."""


class StaleSignature(SignatureRefused):
    """It was signed too long ago, or in the future, by the database's clock."""

    code = "stale_timestamp"


def sign(message_id: str, body: str, secrets: Sequence[str]) -> dict[str, str]:
    """Return the three headers. Each secret signs, so that any of them may be known."""
    now = database_clock.read().astimezone(UTC)
    signatures = [Webhook(secret).sign(message_id, now, body) for secret in secrets]
    return {
        ID: message_id,
        TIMESTAMP: str(int(now.timestamp())),
        SIGNATURE: " ".join(signatures),
    }


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> str:
    """Return the id of a message that one of these secrets has signed, not long ago.

    Raises BadSignature or StaleSignature.
    """
    message_id, stamp, given = (
        headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE)
    )
    if not (message_id and stamp and given):
        message = f"the headers {ID}, {TIMESTAMP} and {SIGNATURE} are needed"
        raise BadSignature(message)
    if len(message_id) > LONGEST_ID or not message_id.isprintable():
        message = f"{ID} is no id of at most {LONGEST_ID} printable letters"
        raise BadSignature(message)
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _LONGEST_STAMP):
        message = f"{TIMESTAMP} is no number of seconds"
        raise BadSignature(message)
    signed_at = int(stamp)
    if not _is_signed(message_id, signed_at, body, given, secrets):
        message = "the signature does not match any of our secrets"
        raise BadSignature(message)
    _check_age(signed_at)
    return message_id


def _is_signed(
    message_id: str, signed_at: int, body: bytes, given: str, secrets: Sequence[str]
) -> bool:
    try:
        text = body.decode()
        moment = datetime.fromtimestamp(signed_at, UTC)
    except (UnicodeDecodeError, ValueError, OverflowError, OSError):
        return False
    passed = given.encode("utf-8", "replace").split(b" ")[:_MOST_SIGNATURES]
    return any(
        hmac.compare_digest(
            Webhook(secret).sign(message_id, moment, text).encode(), one
        )
        for secret in secrets
        for one in passed
    )


def _check_age(signed_at: int) -> None:
    age = int(database_clock.read().timestamp()) - signed_at
    if abs(age) > TOLERANCE_SECONDS:
        message = (
            f"it was signed {age} seconds ago by the shop's clock, and "
            f"{TOLERANCE_SECONDS} are accepted: a clock is wrong, or it is an old one"
        )
        raise StaleSignature(message)
