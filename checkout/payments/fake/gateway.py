"""A payment provider in memory, for tests and benchmarks within one process.

It keeps Stripe's semantics as far as the saga relies on them: a key brings its first
answer back, an intent moves only where Stripe lets it, and is charged once at most.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from checkout.payments.balance import ProviderMovement
from checkout.payments.fake.payment_pages import FakePaymentPages
from checkout.payments.fake.refunds_and_disputes import FakeRefundsAndDisputes
from checkout.payments.gateway import (
    BadSignature,
    CardUnusable,
    Intent,
    IntentStatus,
    NotFound,
    ProviderNotice,
    StoreCodes,
    UnexpectedState,
    VoucherDetails,
)
from checkout.payments.methods import CARD, KONBINI
from checkout.payments.unreadable import UnreadableObject
from shop.countries import JAPAN

SIGNATURE = "signed-by-the-fake"
# Stripe's names of test cards. https://docs.stripe.com/testing
CHALLENGED = "pm_card_threeDSecure2Required"
# No name of Stripe's: browsers send a confirmation token for it.
VOUCHER = "pm_konbini"
DECLINES = {
    "pm_card_visa_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_visa_chargeDeclinedLostCard": "lost_card",
}
APPROVAL_LASTS = timedelta(days=7)
_CHALLENGE_FAILED = "payment_intent_authentication_failure"
_UNCONFIRMED = {
    IntentStatus.NEEDS_CARD,
    IntentStatus.NEEDS_CONFIRMATION,
    IntentStatus.NEEDS_CUSTOMER,
}
_CANCELLABLE = set(IntentStatus) - {IntentStatus.SUCCEEDED, IntentStatus.CANCELED}


def _voucher() -> VoucherDetails:
    return VoucherDetails(
        expires_at=timezone.now() + timedelta(days=settings.KONBINI_DAYS),
        url="https://example.com/voucher",
        stores=(
            StoreCodes("familymart", "111111111111", "03123456789"),
            StoreCodes("lawson", "211111111111", "03123456789"),
        ),
    )


class FakeGateway(FakeRefundsAndDisputes, FakePaymentPages):
    """See Gateway. Tokens that begin with ``ctoken`` work once; others are cards."""

    prefix = "pi_"

    def __init__(self) -> None:
        super().__init__()
        self.intents: dict[str, Intent] = {}
        self._created: dict[str, datetime] = {}
        # What was reported and when, oldest first; tests write it.
        self.notices: list[tuple[datetime, ProviderNotice]] = []
        self._used: set[str] = set()
        # Of the account, oldest first; tests write it.
        # Of each order the country that was told.
        self.countries: dict[str, str] = {}
        self.movements: list[ProviderMovement | UnreadableObject] = []

    def answer_challenge(self, intent_id: str, *, accepted: bool = True) -> None:
        if accepted:
            self._authorize(intent_id)
        else:
            self._decline(intent_id, _CHALLENGE_FAILED)

    def lapse(self, intent_id: str) -> None:
        """End an authorisation as the bank does after some days."""
        self._set(intent_id, IntentStatus.CANCELED)

    def pay_voucher(self, intent_id: str) -> None:
        """Let the customer pay at the store, which refuses a voucher that is void."""
        intent = self._require(intent_id, {IntentStatus.NEEDS_CUSTOMER})
        paid = {"received": intent.amount, "method": KONBINI, "voucher": None}
        to = IntentStatus.SUCCEEDED
        self._set(intent_id, to, charge_id=f"py_{intent_id}", **paid)

    def let_voucher_lapse(self, intent_id: str) -> None:
        self._decline(intent_id, "payment_intent_payment_attempt_expired")

    def capture_elsewhere(self, intent_id: str, amount: int | None = None) -> None:
        """Charge an authorised intent by hand, on the provider's own pages.

        Once: what is not charged by it is released.
        """
        intent = self._require(intent_id, {IntentStatus.CAPTURABLE})
        received = intent.amount if amount is None else amount
        self._set(intent_id, IntentStatus.SUCCEEDED, received=received)

    def cancel_elsewhere(self, intent_id: str) -> None:
        """Void an intent by hand, on the provider's own pages."""
        self._require(intent_id, _CANCELLABLE)
        self._set(intent_id, IntentStatus.CANCELED, voucher=None)

    def movements_since(
        self, moment: datetime
    ) -> Iterator[ProviderMovement | UnreadableObject]:
        found = [
            one
            for one in self.movements
            if one.created_at is None or one.created_at >= moment
        ]
        return iter(self._play("movements_since", "", lambda: found[::-1]))

    def create(
        self, order: str, amount: int, currency: str, key: str, country: str = JAPAN
    ) -> Intent:
        def effect() -> Intent:
            name = f"{self.prefix}{len(self.intents) + 1}"
            new = IntentStatus.NEEDS_CARD
            intent = Intent(name, new, amount, 0, currency, f"{name}_secret")
            self._created[name] = timezone.now()
            self.intents[name] = replace(intent, order=order)
            self.countries[order] = country
            return self.intents[name]

        return self._once("create", key, (order, amount, currency, country), effect)

    def confirm(self, intent_id: str, token: str, return_url: str, key: str) -> Intent:
        def effect() -> Intent:
            self._require(intent_id, _UNCONFIRMED)
            if token in self._used:
                message = f"{token} was already used"
                raise CardUnusable(message)
            if token.startswith("ctoken"):
                self._used.add(token)
            if token in DECLINES:
                return self._decline(intent_id, DECLINES[token])
            if token == VOUCHER:
                return self._set(
                    intent_id, IntentStatus.NEEDS_CUSTOMER, voucher=_voucher()
                )
            if token == CHALLENGED:
                return self._set(intent_id, IntentStatus.NEEDS_CUSTOMER)
            return self._authorize(intent_id)

        return self._once("confirm", key, (intent_id, token, return_url), effect)

    def capture(self, intent_id: str, key: str) -> Intent:
        def effect() -> Intent:
            intent = self._require(intent_id, {IntentStatus.CAPTURABLE})
            return self._set(intent_id, IntentStatus.SUCCEEDED, received=intent.amount)

        return self._once("capture", key, intent_id, effect)

    def cancel(self, intent_id: str, key: str) -> Intent:
        def effect() -> Intent:
            self._require(intent_id, _CANCELLABLE)
            return self._set(intent_id, IntentStatus.CANCELED)

        return self._once("cancel", key, intent_id, effect)

    def retrieve(self, intent_id: str) -> Intent:
        return self._play(
            "retrieve", "", lambda: self._readable(self._known(intent_id))
        )

    def created_since(
        self, moment: datetime, before: datetime | None = None
    ) -> Iterator[Intent | UnreadableObject]:
        def found() -> list[Intent | UnreadableObject]:
            created = self._created
            names = [
                name
                for name, at in created.items()
                if at >= moment and (before is None or at < before)
            ]
            return [
                self._as_listed("payment_intent", self.intents[name], created[name])
                for name in reversed(names)
            ]

        return iter(self._play("list", "", found))

    def notices_since(self, moment: datetime) -> Iterator[ProviderNotice]:
        def read() -> list[ProviderNotice]:
            found = [notice for at, notice in self.notices if at >= moment]
            return list(reversed(found))

        return iter(self._play("notices_since", "", read))

    def read_notice(self, body: bytes, signature: str) -> ProviderNotice:
        if signature != SIGNATURE:
            message = "the webhook's signature does not match"
            raise BadSignature(message)
        return ProviderNotice(**json.loads(body))

    def _authorize(self, intent_id: str) -> Intent:
        card = {"card_brand": "visa", "card_last4": "4242", "method": CARD}
        return self._set(
            intent_id,
            IntentStatus.CAPTURABLE,
            charge_id=f"ch_{intent_id}",
            capture_before=timezone.now() + APPROVAL_LASTS,
            decline_code="",
            **card,
        )

    def _decline(self, intent_id: str, code: str) -> Intent:
        to = IntentStatus.NEEDS_CARD
        return self._set(intent_id, to, decline_code=code, voucher=None)

    def _require(self, intent_id: str, allowed: set[IntentStatus]) -> Intent:
        intent = self.intents[intent_id]
        if intent.status not in allowed:
            message = f"{intent_id} is {intent.status.value}"
            raise UnexpectedState(message, intent)
        return intent

    def _known(self, intent_id: str) -> Intent:
        if intent_id not in self.intents:
            message = f"no such payment_intent: {intent_id}"
            raise NotFound(message)
        return self.intents[intent_id]

    def _set(self, intent_id: str, status: IntentStatus, **changes: Any) -> Intent:
        changes["moved_at"] = timezone.now()
        changed = replace(self.intents[intent_id], status=status, **changes)
        self.intents[intent_id] = changed
        return changed
