"""Standard Webhooks: HMAC-SHA256 over ``id.timestamp.body``."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

TOLERANCE_SECONDS = 300


class SignatureRefused(Exception):
    """The message is not signed with the secret, or was signed too long ago."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def sign(secret: str, message_id: str, stamp: int, body: bytes) -> str:
    """Return one signature, as the header has it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{stamp}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> str:
    """Return the message's id. Raises SignatureRefused."""
    message_id = headers.get("webhook-id") or ""
    stamp = headers.get("webhook-timestamp") or ""
    given = (headers.get("webhook-signature") or "").split(" ")
    if not message_id or not (stamp.isascii() and stamp.isdigit()):
        raise SignatureRefused("bad_signature")  # noqa: EM101 - a code, not a text
    wanted = sign(secret, message_id, int(stamp), body).encode()
    if not any(hmac.compare_digest(wanted, one.encode()) for one in given):
        raise SignatureRefused("bad_signature")  # noqa: EM101
    if abs(now - int(stamp)) > TOLERANCE_SECONDS:
        raise SignatureRefused("stale_timestamp")  # noqa: EM101
    return message_id
