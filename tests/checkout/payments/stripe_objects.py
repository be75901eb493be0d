"""Intents and reports for the tests of the gateway."""

import hashlib
import hmac
import json
import time
from typing import Any

from checkout.payments.stripe.gateway import StripeGateway
from tests.support.orders import VISA
from tests.support.sandbox import RETURN

# The SDK repeats a call that failed once by itself; both must fail for us to see it.
TRIES = 2


def authorized(gateway: StripeGateway, order: str = "order-1") -> str:
    intent = gateway.create(order, 2400, "JPY", f"{order}:create")
    gateway.confirm(intent.id, VISA, RETURN, f"{order}:confirm")
    return intent.id


def signed(body: bytes, secret: str, moment: float | None = None) -> str:
    """Return the header that Stripe would send. docs.stripe.com/webhooks/signature"""
    stamp = int(moment or time.time())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    return f"t={stamp},v1={digest.hexdigest()}"


def event(thing: dict[str, Any]) -> bytes:
    body = {"id": "evt_1", "object": "event", "type": "x.y", "data": {"object": thing}}
    return json.dumps(body).encode()
