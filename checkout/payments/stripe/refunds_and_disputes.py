"""Refunds and disputes at Stripe: a part of StripeGateway."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from checkout.payments.provider_fields import ProviderObject
from checkout.payments.refunds_and_disputes import (
    DisputeStatus,
    ProviderDispute,
    ProviderRefund,
    RefundStatus,
)
from checkout.payments.stripe.calls import read
from checkout.payments.stripe.lists import StripeLists
from checkout.payments.unreadable import UnreadableObject

_REFUNDS = "/v1/refunds"
_DISPUTES = "/v1/disputes"


class StripeRefundsAndDisputes(StripeLists):
    """See RefundsAndDisputes."""

    def refund(
        self, intent_id: str, amount: int, name: str, key: str, email: str = ""
    ) -> ProviderRefund:
        params: Any = {
            "payment_intent": intent_id,
            "amount": amount,
            "reason": "requested_by_customer",
            "metadata": {"refund": name},
        }
        if email:
            params["instructions_email"] = email
        made = self._ask(
            lambda: self._client.v1.refunds.create(params, {"idempotency_key": key})
        )
        return read(made, "refund", read_refund)

    def retrieve_refund(self, refund_id: str) -> ProviderRefund:
        found = self._ask(lambda: self._client.v1.refunds.retrieve(refund_id))
        return read(found, "refund", read_refund)

    def refunds_of(self, intent_id: str) -> Iterator[ProviderRefund | UnreadableObject]:
        return self._read_list(
            _REFUNDS, "refund", read_refund, payment_intent=intent_id
        )

    def refunds_since(
        self, moment: datetime
    ) -> Iterator[ProviderRefund | UnreadableObject]:
        since = {"gte": int(moment.timestamp())}
        return self._read_list(_REFUNDS, "refund", read_refund, created=since)

    def disputes_since(
        self, moment: datetime
    ) -> Iterator[ProviderDispute | UnreadableObject]:
        since = {"gte": int(moment.timestamp())}
        return self._read_list(_DISPUTES, "dispute", read_dispute, created=since)

    def retrieve_dispute(self, dispute_id: str) -> ProviderDispute:
        found = self._ask(lambda: self._client.v1.disputes.retrieve(dispute_id))
        return read(found, "dispute", read_dispute)


def read_refund(found: ProviderObject) -> ProviderRefund:
    """Return the refund. Raises Unreadable."""
    return ProviderRefund(
        id=found.identifier(),
        # A status that this code does not know counts as not final.
        status=found.one_of("status", RefundStatus, RefundStatus.PENDING),
        amount=found.amount("amount"),
        currency=found.currency(),
        intent_id=found.optional_identifier("payment_intent"),
        name=found.inner("metadata").code("refund"),
        failure=found.code("failure_reason"),
        created_at=found.moment("created"),
    )


def read_dispute(found: ProviderObject) -> ProviderDispute:
    """Return the dispute. Raises Unreadable."""
    return ProviderDispute(
        id=found.identifier(),
        # A status that this code does not know needs a response, to be safe.
        status=found.one_of("status", DisputeStatus, DisputeStatus.NEEDS_RESPONSE),
        amount=found.amount("amount"),
        currency=found.currency(),
        intent_id=found.optional_identifier("payment_intent"),
        charge_id=found.optional_identifier("charge"),
        reason=found.code("reason"),
        due_at=found.inner("evidence_details").moment("due_by"),
        created_at=found.moment("created"),
    )
