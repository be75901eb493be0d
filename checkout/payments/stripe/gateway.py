"""The only module that talks to Stripe, or to the sandbox that stands in for it.

Translates Stripe's objects and errors into those of checkout.payments.gateway. Objects
of SDK 16 are no dicts: they have attributes only. https://docs.stripe.com/api/errors
"""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import stripe
from django.conf import settings
from stripe.params import (
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentListParamsCreated,
)

from checkout.payments.gateway import (
    BadSignature,
    CardUnusable,
    Intent,
    IntentStatus,
    Misconfigured,
    NotFound,
    NotNow,
    OutcomeUnknownError,
    PaymentError,
    ProviderNotice,
    Refused,
    StoreCodes,
    UnexpectedState,
    VoucherDetails,
)
from checkout.payments.methods import KONBINI, methods_for
from checkout.payments.stripe.events import StripeEvents, notice_of
from checkout.payments.stripe.refunds_and_disputes import StripeRefundsAndDisputes
from shop.redaction import redact_text

logger = logging.getLogger(__name__)

_CONNECT_SECONDS = 3
_CHARGE = "latest_charge"
_NAMED_IN_PATH = ("intent", "refund", "dispute", "id", None)
_SIGNATURE_TOLERANCE_SECONDS = 300
_CONFLICT = 409
_Answer = TypeVar("_Answer")


class StripeGateway(StripeRefundsAndDisputes, StripeEvents):
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

    def create(self, order: str, amount: int, currency: str, key: str) -> Intent:
        params: PaymentIntentCreateParams = {
            "amount": amount,
            "currency": currency.lower(),
            "metadata": {"order": order},
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
        except _Declined as answer:
            return answer.intent or self.retrieve(intent_id)

    def capture(self, intent_id: str, key: str) -> Intent:
        try:
            return _ask_for_intent(
                lambda: self._intents.capture(
                    intent_id, {"expand": [_CHARGE]}, {"idempotency_key": key}
                )
            )
        except _Declined as answer:
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
    ) -> Iterator[Intent]:
        created: PaymentIntentListParamsCreated = {"gte": int(moment.timestamp())}
        if before is not None:
            created["lt"] = int(before.timestamp())
        page = _ask_stripe(
            lambda: self._intents.list(
                {"created": created, "limit": 100, "expand": [f"data.{_CHARGE}"]}
            )
        )
        rest = page.auto_paging_iter()
        # Each page is a call, which may raise.
        while (intent := _ask_stripe(lambda: next(rest, None))) is not None:
            yield _intent(intent)

    def read_notice(self, body: bytes, signature: str) -> ProviderNotice:
        # Several at once: an endpoint's secret is rolled without losing a report.
        for secret in settings.STRIPE_WEBHOOK_SECRETS:
            try:
                return notice_of(
                    stripe.Webhook.construct_event(
                        body, signature, secret, _SIGNATURE_TOLERANCE_SECONDS
                    )
                )
            except (ValueError, stripe.SignatureVerificationError) as error:
                logger.debug("a webhook is not signed with this secret: %s", error)
        message = "the webhook's signature does not match STRIPE_WEBHOOK_SECRET"
        raise BadSignature(message)

    def _ask(self, call: Callable[[], _Answer]) -> _Answer:
        try:
            return _ask_stripe(call)
        except (_Declined, UnexpectedState) as error:
            raise Refused(str(error)) from error


class _Declined(OutcomeUnknownError):
    """The bank declined: an answer when a card is tried, elsewhere an unknown one."""

    def __init__(self, intent: Intent | None) -> None:
        super().__init__("declined")
        self.intent = intent


def _ask_for_intent(call: Callable[[], stripe.PaymentIntent]) -> Intent:
    return _intent(_ask_stripe(call))


def _ask_stripe(call: Callable[[], _Answer]) -> _Answer:
    """Make one call; raise the gateway's error in place of each of Stripe's."""
    try:
        return call()
    except stripe.CardError as error:
        raise _Declined(_intent_of(error)) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        message = f"Stripe refuses the key: check STRIPE_SECRET_KEY ({_text(error)})"
        raise Misconfigured(message) from error
    except stripe.RateLimitError as error:
        raise NotNow(_text(error)) from error
    except stripe.StripeError as error:
        raise _error_of(error) from error


def _error_of(error: stripe.StripeError) -> PaymentError:
    if error.http_status == _CONFLICT:
        return NotNow(_text(error))
    if isinstance(error, stripe.InvalidRequestError):
        return _error_of_request(error)
    if isinstance(error, stripe.IdempotencyError):
        return Refused(_text(error))
    return OutcomeUnknownError(_text(error))


def _error_of_request(error: stripe.InvalidRequestError) -> PaymentError:
    intent = _intent_of(error)
    if error.code == "payment_intent_unexpected_state" and intent:
        return UnexpectedState(_text(error), intent)
    if error.code == "resource_missing" and error.param in _NAMED_IN_PATH:
        return NotFound(_text(error))
    if error.param == "confirmation_token":
        return CardUnusable(_text(error))
    return Refused(_text(error))


def _text(error: stripe.StripeError) -> str:
    """Return Stripe's sentence and the request's id, which Stripe's dashboard finds."""
    text = redact_text(error.user_message or type(error).__name__)
    return f"{text} [{error.request_id}]" if error.request_id else text


def _intent_of(error: stripe.StripeError) -> Intent | None:
    inner = error.error
    found = getattr(inner, "payment_intent", None) if inner else None
    return _intent(found) if found else None


def _intent(found: stripe.PaymentIntent) -> Intent:
    failure = found.last_payment_error
    charge: Any = found.latest_charge
    expanded = charge if isinstance(charge, stripe.Charge) else None
    paid_by: Any = getattr(expanded, "payment_method_details", None)
    card: Any = getattr(paid_by, "card", None)
    before = getattr(card, "capture_before", None)
    return Intent(
        id=found.id,
        status=IntentStatus(found.status),
        amount=found.amount,
        received=found.amount_received,
        currency=found.currency.upper(),
        client_secret=found.client_secret or "",
        decline_code=_decline_code(failure) if failure else "",
        charge_id=expanded.id if expanded else str(charge or ""),
        card_brand=getattr(card, "brand", None) or "",
        card_last4=getattr(card, "last4", None) or "",
        capture_before=datetime.fromtimestamp(before, UTC) if before else None,
        order=str(getattr(found.metadata, "order", "") or ""),
        moved_at=_moved_at(found, expanded),
        refunded=_refunded(expanded) if expanded else 0,
        method=getattr(paid_by, "type", None) or "",
        voucher=_voucher(found),
        request_id=getattr(found.last_response, "request_id", None) or "",
    )


def _voucher(found: stripe.PaymentIntent) -> VoucherDetails | None:
    details: Any = getattr(found.next_action, "konbini_display_details", None)
    if details is None:
        return None
    # A chain that Stripe does not serve today is missing or null.
    stores = {name: codes for name, codes in details.stores.to_dict().items() if codes}
    return VoucherDetails(
        expires_at=datetime.fromtimestamp(details.expires_at, UTC),
        url=details.hosted_voucher_url or "",
        stores=tuple(
            StoreCodes(
                name, codes["payment_code"], codes.get("confirmation_number") or ""
            )
            for name, codes in stores.items()
        ),
    )


def _moved_at(
    found: stripe.PaymentIntent, charge: stripe.Charge | None
) -> datetime | None:
    moment = found.canceled_at or (charge.created if charge else None)
    return datetime.fromtimestamp(moment, UTC) if moment else None


def _refunded(charge: stripe.Charge) -> int:
    """Return what was given back; Stripe counts in what was never captured."""
    never_taken = charge.amount - charge.amount_captured
    return max(0, charge.amount_refunded - never_taken)


def _decline_code(failure: Any) -> str:
    return str(
        getattr(failure, "decline_code", None) or getattr(failure, "code", "") or ""
    )
