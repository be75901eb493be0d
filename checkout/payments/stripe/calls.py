"""One call to Stripe: its answer is read, and its errors become those of the gateway.

https://docs.stripe.com/api/errors
"""

import logging
from collections.abc import Callable
from typing import TypeVar

import stripe

from checkout.payments.gateway import (
    CardUnusable,
    Intent,
    Misconfigured,
    NotFound,
    NotNow,
    OutcomeUnknownError,
    PaymentError,
    Refused,
    UnexpectedState,
    UnreadableAnswer,
)
from checkout.payments.provider_fields import (
    LONGEST,
    LONGEST_SENTENCE,
    ProviderObject,
    Unreadable,
)
from checkout.payments.stripe.intents import read_intent
from shop.text.redaction import redact_text
from shop.text.stored import storable
from shop.traces.spans import Kind, span

logger = logging.getLogger(__name__)

_NAMED_IN_PATH = ("intent", "refund", "dispute", "session", "id", None)
_CONFLICT = 409
# What the SDK raises at an answer that is JSON, and not as Stripe describes it.
_OF_THE_SDK = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_Answer = TypeVar("_Answer")


class Declined(OutcomeUnknownError):
    """The bank declined: an answer when a card is tried, elsewhere an unknown one."""

    def __init__(self, intent: Intent | None) -> None:
        super().__init__("declined")
        self.intent = intent


def ask_stripe(call: Callable[[], _Answer]) -> _Answer:
    """Make one call; raise the gateway's error in place of each of Stripe's."""
    try:
        with span("Stripe", Kind.CALL):
            return call()
    except stripe.CardError as error:
        raise Declined(_intent_of(error)) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        message = f"Stripe refuses the key: check STRIPE_SECRET_KEY ({_text(error)})"
        raise Misconfigured(message) from error
    except stripe.RateLimitError as error:
        raise NotNow(_text(error)) from error
    except stripe.StripeError as error:
        raise _error_of(error) from error
    except _OF_THE_SDK as error:
        raise UnreadableAnswer(type(error).__name__) from error


def read(
    found: object, what: str, reader: Callable[[ProviderObject], _Answer]
) -> _Answer:
    """Return an answer as ``reader`` reads it. Raises UnreadableAnswer."""
    raw = found.to_dict() if isinstance(found, stripe.StripeObject) else None
    try:
        return reader(ProviderObject(raw, what))
    except Unreadable as error:
        raise UnreadableAnswer(str(error)) from error


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
        return NotFound(_text(error), error.code)
    if error.param == "confirmation_token":
        return CardUnusable(_text(error))
    return Refused(_text(error), error.code or "")


def _text(error: stripe.StripeError) -> str:
    """Return Stripe's sentence and the request's id, which Stripe's dashboard finds."""
    said = error.user_message
    sentence = said if isinstance(said, str) and said else type(error).__name__
    text = storable(redact_text(sentence), LONGEST_SENTENCE)
    if not error.request_id:
        return text
    return f"{text} [{storable(error.request_id, LONGEST)}]"


def _intent_of(error: stripe.StripeError) -> Intent | None:
    """Return the intent that the error is about, if it carries one to be read."""
    inner = error.error
    found = getattr(inner, "payment_intent", None) if inner else None
    if not isinstance(found, stripe.StripeObject):
        return None
    try:
        return read(found, "error.payment_intent", read_intent)
    except UnreadableAnswer:
        logger.exception("the payment intent of an error is left out: it is asked for")
        return None
