"""The refunds and disputes of the provider in memory."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from django.utils import timezone

from checkout.payments.fake.script import Scripted
from checkout.payments.gateway import (
    Intent,
    IntentStatus,
    NotFound,
    Refused,
    UnreadableAnswer,
)
from checkout.payments.methods import KONBINI
from checkout.payments.refunds_and_disputes import (
    DisputeStatus,
    ProviderDispute,
    ProviderRefund,
    RefundStatus,
)
from checkout.payments.unreadable import UnreadableObject

_COUNTED = {
    RefundStatus.PENDING,
    RefundStatus.NEEDS_CUSTOMER,
    RefundStatus.SUCCEEDED,
}
# The bank has the money of such a dispute.
_TAKEN_BACK = {
    DisputeStatus.NEEDS_RESPONSE,
    DisputeStatus.UNDER_REVIEW,
    DisputeStatus.LOST,
}

_Thing = TypeVar("_Thing", ProviderRefund, ProviderDispute)
_Object = TypeVar("_Object", Intent, ProviderRefund, ProviderDispute)
# Why a garbled object cannot be read.
GARBLED = "amount is no whole number"


class FakeRefundsAndDisputes(Scripted):
    """See RefundsAndDisputes. ``next_refund`` is the status of the next one."""

    intents: dict[str, Intent]

    def __init__(self) -> None:
        super().__init__()
        self.refunds: dict[str, ProviderRefund] = {}
        self.disputes: dict[str, ProviderDispute] = {}
        self.next_refund = RefundStatus.SUCCEEDED
        self._garbled: dict[str, bool] = {}

    def refund(
        self, intent_id: str, amount: int, name: str, key: str, email: str = ""
    ) -> ProviderRefund:
        def effect() -> ProviderRefund:
            return self._refund(intent_id, amount, name)

        return self._once("refund", key, (intent_id, amount, name, email), effect)

    def refund_elsewhere(self, intent_id: str, amount: int) -> ProviderRefund:
        """Refund on the provider's own pages: without a name of the shop's."""
        return self._refund(intent_id, amount, name="")

    def garble(self, name: str, *, with_id: bool = True) -> None:
        """Let an object be one that cannot be read, not even its id if so wished."""
        self._garbled[name] = with_id

    def mend(self, name: str) -> None:
        """Let an object be readable again."""
        del self._garbled[name]

    def retrieve_refund(self, refund_id: str) -> ProviderRefund:
        return self._play(
            "retrieve_refund",
            "",
            lambda: self._readable(_named(self.refunds, refund_id)),
        )

    def refunds_since(
        self, moment: datetime
    ) -> Iterator[ProviderRefund | UnreadableObject]:
        new = _since(self.refunds, moment)
        return iter([self._as_listed("refund", one, one.created_at) for one in new])

    def disputes_since(
        self, moment: datetime
    ) -> Iterator[ProviderDispute | UnreadableObject]:
        new = _since(self.disputes, moment)
        return iter([self._as_listed("dispute", one, one.created_at) for one in new])

    def refunds_of(self, intent_id: str) -> Iterator[ProviderRefund | UnreadableObject]:
        def found() -> list[ProviderRefund | UnreadableObject]:
            mine = [one for one in self.refunds.values() if one.intent_id == intent_id]
            return [self._as_listed("refund", one, None) for one in mine[::-1]]

        return iter(self._play("refunds_of", "", found))

    def settle_refund(
        self, refund_id: str, status: RefundStatus, failure: str = ""
    ) -> None:
        """Change a refund's status later, as its bank does."""
        was = self.refunds[refund_id]
        self.refunds[refund_id] = replace(was, status=status, failure=failure)
        self._count(was.intent_id)

    def open_dispute(
        self, intent_id: str, due_at: datetime | None = None, reason: str = "fraudulent"
    ) -> str:
        """Open a dispute of the whole charge; return its id."""
        intent = self.intents[intent_id]
        is_disputed = any(one.intent_id == intent_id for one in self.disputes.values())
        if intent.status is not IntentStatus.SUCCEEDED or is_disputed:
            message = f"{intent_id} cannot be disputed"
            raise Refused(message)
        if intent.method == KONBINI:
            message = "cash is not disputed"
            raise Refused(message)
        name = f"du_{len(self.disputes) + 1}"
        self.disputes[name] = ProviderDispute(
            id=name,
            status=DisputeStatus.NEEDS_RESPONSE,
            amount=intent.received,
            currency=intent.currency,
            intent_id=intent_id,
            charge_id=intent.charge_id,
            reason=reason,
            due_at=due_at,
            created_at=timezone.now(),
        )
        return name

    def decide_dispute(self, dispute_id: str, status: DisputeStatus) -> None:
        was = self.disputes[dispute_id]
        self.disputes[dispute_id] = replace(was, status=status)

    def retrieve_dispute(self, dispute_id: str) -> ProviderDispute:
        return self._play(
            "retrieve_dispute",
            "",
            lambda: self._readable(_named(self.disputes, dispute_id)),
        )

    def _readable(self, one: _Object) -> _Object:
        if one.id in self._garbled:
            raise UnreadableAnswer(GARBLED)
        return one

    def _as_listed(
        self, kind: str, one: _Object, created_at: datetime | None
    ) -> _Object | UnreadableObject:
        if one.id not in self._garbled:
            return one
        name = one.id if self._garbled[one.id] else ""
        return UnreadableObject(kind, name, GARBLED, created_at)

    def _refund(self, intent_id: str, amount: int, name: str) -> ProviderRefund:
        intent = self.intents[intent_id]
        left = intent.received - intent.refunded
        if self._is_disputed(intent_id):
            message = f"{intent.charge_id} has been charged back: no refund"
            raise Refused(message)
        if intent.status is not IntentStatus.SUCCEEDED or not 0 < amount <= left:
            message = f"refund of {amount} is greater than what is left: {left}"
            raise Refused(message)
        refund_id = f"re_{len(self.refunds) + 1}"
        self.refunds[refund_id] = ProviderRefund(
            id=refund_id,
            status=self.next_refund,
            amount=amount,
            currency=intent.currency,
            intent_id=intent_id,
            name=name,
            created_at=timezone.now(),
        )
        self.next_refund = RefundStatus.SUCCEEDED
        self._count(intent_id)
        return self.refunds[refund_id]

    def _is_disputed(self, intent_id: str) -> bool:
        # https://docs.stripe.com/refunds#disputed-payments
        return any(
            one.intent_id == intent_id and one.status in _TAKEN_BACK
            for one in self.disputes.values()
        )

    def _count(self, intent_id: str) -> None:
        gone = sum(
            refund.amount
            for refund in self.refunds.values()
            if refund.intent_id == intent_id and refund.status in _COUNTED
        )
        self.intents[intent_id] = replace(self.intents[intent_id], refunded=gone)


def _named(things: dict[str, _Thing], name: str) -> _Thing:
    if name not in things:
        message = f"no such thing: {name}"
        raise NotFound(message)
    return things[name]


def _since(things: dict[str, _Thing], moment: datetime) -> list[_Thing]:
    new = [
        one for one in things.values() if one.created_at and one.created_at >= moment
    ]
    return new[::-1]
