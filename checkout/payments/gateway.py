"""What the shop needs of a payment provider, and every way it can say no.

Amounts are integer minor units. Keys make a repeated call the same call: whoever
repeats it with the same key gets the first answer again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from checkout.payments.refunds_and_disputes import ReversalGateway


class IntentStatus(Enum):
    """Where a payment intent stands; Stripe's own names.

    https://docs.stripe.com/payments/paymentintents/lifecycle
    """

    NEEDS_CARD = "requires_payment_method"
    NEEDS_CONFIRMATION = "requires_confirmation"
    NEEDS_CUSTOMER = "requires_action"
    PROCESSING = "processing"
    CAPTURABLE = "requires_capture"
    CANCELED = "canceled"
    SUCCEEDED = "succeeded"


@dataclass(frozen=True)
class StoreCodes:
    """What one chain of stores asks for; ``chain`` is the provider's name of it."""

    chain: str
    payment_code: str
    confirmation_number: str


@dataclass(frozen=True)
class VoucherDetails:
    """What the customer takes to a convenience store, to pay there in cash."""

    expires_at: datetime
    url: str
    stores: tuple[StoreCodes, ...]


@dataclass(frozen=True)
class Intent:
    """One payment at the provider, as it was read by the request of that id."""

    id: str
    status: IntentStatus
    amount: int
    received: int
    currency: str
    client_secret: str
    decline_code: str = ""
    charge_id: str = ""
    card_brand: str = ""
    card_last4: str = ""
    capture_before: datetime | None = None
    order: str = ""
    method: str = ""
    voucher: VoucherDetails | None = None
    # When it got its present status, as far as the provider tells: when the bank
    # answered, or when it was voided.
    moved_at: datetime | None = None
    refunded: int = 0
    request_id: str = field(default="", compare=False)


@dataclass(frozen=True)
class ProviderNotice:
    """A verified webhook: something happened to an intent. It says when to look.

    ``object_id`` is what it happened to: the intent, or a refund of it, a dispute.
    """

    id: str
    type: str
    intent_id: str
    object_id: str = ""


class PaymentError(Exception):
    """Base of what a gateway raises. Messages are plain and carry no secrets."""


class OutcomeUnknownError(PaymentError):
    """No answer, or the provider's own fault: the effect may have happened."""


class NotNow(PaymentError):
    """The provider asks for patience; nothing was done."""


class UnexpectedState(PaymentError):
    """The intent is not where the call needs it; ``intent`` is where it is."""

    def __init__(self, message: str, intent: Intent) -> None:
        super().__init__(message)
        self.intent = intent


class CardUnusable(PaymentError):
    """The token has expired or was used: the customer must enter the card again."""


class Misconfigured(PaymentError):
    """Wrong or revoked keys: no order's fault, every order waits."""


class Refused(PaymentError):
    """The provider calls the request wrong: our bug, a person must look."""


class NotFound(Refused):
    """The provider has nothing of this name: another account's, or never made."""


class BadSignature(PaymentError):
    """A webhook that the provider did not sign, or too long ago."""


class Gateway(ReversalGateway, Protocol):
    """One provider. Every method is one call and may raise any PaymentError."""

    def create(self, order: str, amount: int, currency: str, key: str) -> Intent:
        """Create an intent, unconfirmed: no money moves.

        A card will wait for its capture; cash at a store is taken when it is paid.
        """

    def confirm(self, intent_id: str, token: str, return_url: str, key: str) -> Intent:
        """Try the customer's card, or issue the voucher that was asked for.

        A decline is an answer, not an error.
        """

    def capture(self, intent_id: str, key: str) -> Intent:
        """Take the money that the bank has set aside."""

    def cancel(self, intent_id: str, key: str) -> Intent:
        """Void the intent: nothing is taken, and nothing can be any more."""

    def retrieve(self, intent_id: str) -> Intent:
        """Read where the intent stands now."""

    def created_since(
        self, moment: datetime, before: datetime | None = None
    ) -> Iterator[Intent]:
        """Read every intent created since then (and ``before``), newest first.

        Page by page: each may raise, and none is kept.
        """

    def notices_since(self, moment: datetime) -> Iterator[ProviderNotice]:
        """Read every event since then, newest first, as far back as they are kept."""

    def read_notice(self, body: bytes, signature: str) -> ProviderNotice:
        """Verify a webhook. Raises BadSignature."""


@cache
def get_gateway() -> Gateway:
    """Return the process's gateway, the class that settings.PAYMENT_GATEWAY names."""
    gateway: Gateway = import_string(settings.PAYMENT_GATEWAY)()
    return gateway
