"""What the shop needs of a payment provider, and the errors that it may raise.

Amounts are integer minor units. A call repeated under the same key has no second
effect: it returns the first answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from checkout.payments.balance import Balance
from checkout.payments.payment_pages import PaymentPages
from checkout.payments.refunds_and_disputes import RefundsAndDisputes
from checkout.payments.unreadable import UnreadableObject
from shop.countries import JAPAN


class IntentStatus(Enum):
    """The status of a payment intent, by Stripe's names.

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
    """What the customer enters at one chain of stores.

    ``chain`` is the provider's name of it.
    """

    chain: str
    payment_code: str
    confirmation_number: str


@dataclass(frozen=True)
class VoucherDetails:
    """The voucher with which the customer pays in cash at a convenience store."""

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
    # When it got its present status, where the provider reports that: when the bank
    # answered, or when it was voided.
    moved_at: datetime | None = None
    refunded: int = 0
    request_id: str = field(default="", compare=False)


@dataclass(frozen=True)
class ProviderNotice:
    """A verified webhook: something happened to an intent, which is then read.

    ``object_id`` is what it happened to: the intent, or a refund of it, a dispute.
    ``account``: another account under ours, empty for our own. ``own_mode``: whether it
    is of the mode (test or live) of our key. ``unreadable``: why the provider's list
    shows an event that cannot be read; the other fields may be empty then.
    """

    id: str
    type: str
    intent_id: str
    object_id: str = ""
    account: str = ""
    own_mode: bool = True
    unreadable: str = ""


class PaymentError(Exception):
    """Base of all errors of a gateway. Messages contain no secrets."""


class OutcomeUnknownError(PaymentError):
    """No answer, or the provider's own fault: the effect may have happened."""


class UnreadableAnswer(OutcomeUnknownError):
    """The provider answered in a form that this version cannot read.

    ``why`` names the field.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"Stripe's answer cannot be read: {why}")
        self.why = why


class NotNow(PaymentError):
    """The provider limits the rate of calls; nothing was done."""


class UnexpectedState(PaymentError):
    """The intent's status does not allow the call; ``intent`` is its present state."""

    def __init__(self, message: str, intent: Intent) -> None:
        super().__init__(message)
        self.intent = intent


class CardUnusable(PaymentError):
    """The token has expired or was used: the customer must enter the card again."""


class Misconfigured(PaymentError):
    """Wrong or revoked keys: every order waits until they are right."""


class Refused(PaymentError):
    """The provider rejects the request. See refusals: ``code`` says who can mend it."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class NotFound(Refused):
    """The provider has no such object: it is another account's, or never existed."""


class WebhookRefused(PaymentError):
    """A webhook that is not taken; its sender is answered 400."""


class BadSignature(WebhookRefused):
    """The provider did not sign it, or not with the secret of our settings."""


class StaleSignature(WebhookRefused):
    """It was signed too long ago by the database's clock."""


class ThinEvent(WebhookRefused):
    """It is signed, but it is a thin event (v2), which this shop does not read."""


class UnreadableWebhook(WebhookRefused):
    """It is signed, and is no event that can be read."""


class Gateway(RefundsAndDisputes, PaymentPages, Balance, Protocol):
    """One provider. Every method is one call and may raise any PaymentError."""

    def create(
        self, order: str, amount: int, currency: str, key: str, country: str = JAPAN
    ) -> Intent:
        """Create an intent, unconfirmed: no money moves.

        A card will wait for its capture; cash at a store is taken when it is paid.
        ``country``: where the goods go. The provider keeps it with a payment of an
        order abroad.
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
        """Read the intent's present state."""

    def created_since(
        self, moment: datetime, before: datetime | None = None
    ) -> Iterator[Intent | UnreadableObject]:
        """Read every intent created since then (and ``before``), newest first.

        Page by page: each may raise, and none is kept. One that cannot be read stands
        among the others as such, here and in the lists of refunds and disputes.
        """

    def notices_since(self, moment: datetime) -> Iterator[ProviderNotice]:
        """Read every event since then, newest first, as far back as they are kept.

        One that cannot be read says so, and the others follow.
        """

    def read_notice(self, body: bytes, signature: str) -> ProviderNotice:
        """Verify a webhook. Raises WebhookRefused."""


@cache
def get_gateway() -> Gateway:
    """Return the process's gateway, the class that settings.PAYMENT_GATEWAY names."""
    gateway: Gateway = import_string(settings.PAYMENT_GATEWAY)()
    return gateway
