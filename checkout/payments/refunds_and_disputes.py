"""What the shop needs of a payment provider for refunds and disputes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from checkout.payments.unreadable import UnreadableObject


class RefundStatus(Enum):
    """The status of a refund, by Stripe's names.

    https://docs.stripe.com/refunds#refund-object-status
    """

    PENDING = "pending"
    NEEDS_CUSTOMER = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True)
class ProviderRefund:
    """One refund as it was read. ``name`` is ours, empty if the shop did not make it.

    ``amount`` in minor units.
    """

    id: str
    status: RefundStatus
    amount: int
    currency: str
    intent_id: str
    name: str = ""
    failure: str = ""
    created_at: datetime | None = None


class DisputeStatus(Enum):
    """The status of a dispute, by Stripe's names. ``warning_``: the bank only asks.

    https://docs.stripe.com/disputes/how-disputes-work
    """

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"


@dataclass(frozen=True)
class ProviderDispute:
    """One dispute as it was read. ``due_at``: until when evidence is taken.

    ``amount`` in minor units.
    """

    id: str
    status: DisputeStatus
    amount: int
    currency: str
    intent_id: str
    charge_id: str
    reason: str
    due_at: datetime | None = None
    created_at: datetime | None = None


class RefundsAndDisputes(Protocol):
    """The part of a Gateway that is about refunds and disputes."""

    def refund(
        self, intent_id: str, amount: int, name: str, key: str, email: str = ""
    ) -> ProviderRefund:
        """Refund ``amount`` of a charge. Called only at the request of staff.

        ``name`` finds it again among the intent's refunds. ``email``: where the
        customer is asked for a bank account, if the money cannot go back by itself.
        """

    def retrieve_refund(self, refund_id: str) -> ProviderRefund:
        """Read a refund's present state."""

    def refunds_of(self, intent_id: str) -> Iterator[ProviderRefund | UnreadableObject]:
        """Read all refunds of one intent, newest first."""

    def refunds_since(
        self, moment: datetime
    ) -> Iterator[ProviderRefund | UnreadableObject]:
        """Read every refund made since then, newest first, page by page."""

    def disputes_since(
        self, moment: datetime
    ) -> Iterator[ProviderDispute | UnreadableObject]:
        """Read every dispute opened since then, newest first, page by page."""

    def retrieve_dispute(self, dispute_id: str) -> ProviderDispute:
        """Read a dispute's present state."""
