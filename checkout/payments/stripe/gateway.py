"""The calls to Stripe, or to the sandbox that stands in for it: the shop's Gateway."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

import stripe
from django.conf import settings
from stripe.params import (
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
)

from checkout.payments.gateway import Intent, Refused, UnexpectedState
from checkout.payments.methods import KONBINI, methods_for
from checkout.payments.stripe.balance import StripeBalance
from checkout.payments.stripe.calls import Declined, ask_stripe, read
from checkout.payments.stripe.events import StripeEvents
from checkout.payments.stripe.intents import read_intent
from checkout.payments.stripe.payment_pages import StripePaymentPages, metadata_of
from checkout.payments.stripe.refunds_and_disputes import StripeRefundsAndDisputes
from checkout.payments.unreadable import UnreadableObject
from shop.countries import JAPAN

_CONNECT_SECONDS = 3
_CHARGE = "latest_charge"
_Answer = TypeVar("_Answer")


class StripeGateway(
    StripeRefundsAndDisputes, StripePaymentPages, StripeBalance, StripeEvents
):
    """See Gateway. One client per process; its HTTP sessions are per thread."""

    def __init__(self) -> None:
        self._client = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": settings.STRIPE_API_BASE},
            max_network_retries=1,
            http_client=stripe.RequestsClient(
                timeout=(_CONNECT_SECONDS, settings.STRIPE_TIMEOUT)
            ),
        )
        self._intents = self._client.v1.payment_intents

    def create(
        self, order: str, amount: int, currency: str, key: str, country: str = JAPAN
    ) -> Intent:
        params: PaymentIntentCreateParams = {
            "amount": amount,
            "currency": currency.lower(),
            "metadata": metadata_of(order, country),
        }
        if KONBINI in methods_for(amount, currency):
            # Cash cannot be captured by hand, so only the card waits for that.
            params |= {
                "capture_method": "automatic",
                "allowed_payment_method_types": methods_for(amount, currency),
                "payment_method_options": {
                    "card": {"capture_method": "manual"},
                    "konbini": {"expires_after_days": settings.KONBINI_DAYS},
                },
            }
        else:
            params |= {
                "capture_method": "manual",
                "allowed_payment_method_types": ["card"],
            }
        return _ask_for_intent(
            lambda: self._intents.create(params, {"idempotency_key": key})
        )

    def confirm(self, intent_id: str, token: str, return_url: str, key: str) -> Intent:
        params: PaymentIntentConfirmParams = {
            "return_url": return_url,
            "expand": [_CHARGE],
        }
        # Browsers send confirmation tokens; scripts may name a payment method.
        if token.startswith("pm_"):
            params["payment_method"] = token
        else:
            params["confirmation_token"] = token
        try:
            return _ask_for_intent(
                lambda: self._intents.confirm(
                    intent_id, params, {"idempotency_key": key}
                )
            )
        except Declined as answer:
            return answer.intent or self.retrieve(intent_id)

    def capture(self, intent_id: str, key: str) -> Intent:
        try:
            return _ask_for_intent(
                lambda: self._intents.capture(
                    intent_id, {"expand": [_CHARGE]}, {"idempotency_key": key}
                )
            )
        except Declined as answer:
            return answer.intent or self.retrieve(intent_id)

    def cancel(self, intent_id: str, key: str) -> Intent:
        return _ask_for_intent(
            lambda: self._intents.cancel(
                intent_id,
                {"cancellation_reason": "abandoned", "expand": [_CHARGE]},
                {"idempotency_key": key},
            )
        )

    def retrieve(self, intent_id: str) -> Intent:
        return _ask_for_intent(
            lambda: self._intents.retrieve(intent_id, {"expand": [_CHARGE]})
        )

    def created_since(
        self, moment: datetime, before: datetime | None = None
    ) -> Iterator[Intent | UnreadableObject]:
        created = {"gte": int(moment.timestamp())}
        if before is not None:
            created["lt"] = int(before.timestamp())
        return self._read_list(
            "/v1/payment_intents",
            "payment_intent",
            read_intent,
            created=created,
            expand=[f"data.{_CHARGE}"],
        )

    def _ask(self, call: Callable[[], _Answer]) -> _Answer:
        try:
            return ask_stripe(call)
        except (Declined, UnexpectedState) as error:
            raise Refused(str(error)) from error


def _ask_for_intent(call: Callable[[], stripe.PaymentIntent]) -> Intent:
    found = ask_stripe(call)
    response = getattr(found, "last_response", None)
    request_id = getattr(response, "request_id", None) or ""
    return read(found, "payment_intent", lambda one: read_intent(one, request_id))
