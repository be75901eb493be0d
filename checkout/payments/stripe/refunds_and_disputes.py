"""Refunds and disputes at Stripe: a part of StripeGateway."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from checkout.payments.refunds_and_disputes import (
    DisputeStatus,
    ProviderDispute,
    ProviderRefund,
    RefundStatus,
)

if TYPE_CHECKING:
    import stripe

_Answer = TypeVar("_Answer")


class StripeRefundsAndDisputes:
    """See RefundsAndDisputes."""

    _client: "stripe.StripeClient"

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
        return _refund(
            self._ask(
                lambda: self._client.v1.refunds.create(params, {"idempotency_key": key})
            )
        )

    def retrieve_refund(self, refund_id: str) -> ProviderRefund:
        return _refund(self._ask(lambda: self._client.v1.refunds.retrieve(refund_id)))

    def refunds_of(self, intent_id: str) -> Iterator[ProviderRefund]:
        page = self._ask(
            lambda: self._client.v1.refunds.list(
                {"payment_intent": intent_id, "limit": 100}
            )
        )
        yield from map(_refund, self._all_pages(page.auto_paging_iter()))

    def refunds_since(self, moment: datetime) -> Iterator[ProviderRefund]:
        since = int(moment.timestamp())
        page = self._ask(
            lambda: self._client.v1.refunds.list(
                {"created": {"gte": since}, "limit": 100}
            )
        )
        yield from map(_refund, self._all_pages(page.auto_paging_iter()))

    def disputes_since(self, moment: datetime) -> Iterator[ProviderDispute]:
        since = int(moment.timestamp())
        page = self._ask(
            lambda: self._client.v1.disputes.list(
                {"created": {"gte": since}, "limit": 100}
            )
        )
        yield from map(_dispute, self._all_pages(page.auto_paging_iter()))

    def retrieve_dispute(self, dispute_id: str) -> ProviderDispute:
        return _dispute(
            self._ask(lambda: self._client.v1.disputes.retrieve(dispute_id))
        )

    def _all_pages(self, rest: Iterator[_Answer]) -> Iterator[_Answer]:
        """Yield the objects of all pages. Each page is a call, which may raise."""
        while (found := self._ask(lambda: next(rest, None))) is not None:
            yield found

    def _ask(self, call: Callable[[], _Answer]) -> _Answer:
        """Make one call; raise the gateway's error in place of each of Stripe's."""
        raise NotImplementedError


def _refund(found: "stripe.Refund") -> ProviderRefund:
    known = {status.value for status in RefundStatus}
    # A status that this code does not know counts as not final.
    status = found.status if found.status in known else RefundStatus.PENDING.value
    return ProviderRefund(
        id=found.id,
        status=RefundStatus(status),
        amount=found.amount,
        currency=found.currency.upper(),
        intent_id=_id(found.payment_intent),
        name=str(getattr(found.metadata, "refund", "") or ""),
        failure=str(getattr(found, "failure_reason", None) or ""),
        created_at=datetime.fromtimestamp(found.created, UTC),
    )


def _dispute(found: "stripe.Dispute") -> ProviderDispute:
    known = {status.value for status in DisputeStatus}
    # A status that this code does not know needs a response, to be safe.
    status = found.status if found.status in known else "needs_response"
    due_by = found.evidence_details.due_by
    return ProviderDispute(
        id=found.id,
        status=DisputeStatus(status),
        amount=found.amount,
        currency=found.currency.upper(),
        intent_id=_id(found.payment_intent),
        charge_id=_id(found.charge),
        reason=found.reason,
        due_at=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        created_at=datetime.fromtimestamp(found.created, UTC),
    )


def _id(found: Any) -> str:
    """Return the id of something that Stripe may have expanded, empty for nothing."""
    return str(getattr(found, "id", found) or "")
