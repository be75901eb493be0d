"""A payment provider in memory, for tests and benchmarks within one process.

It keeps Stripe's semantics as far as the saga relies on them: a key brings its first
answer back, an intent moves only where Stripe lets it, an intent is charged once at
most. What goes wrong, and when, is scripted by ``fail`` and ``meanwhile``.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from checkout.payments.gateway import (
    BadSignature,
    CardUnusable,
    Intent,
    IntentStatus,
    ProviderNotice,
    Refused,
    UnexpectedState,
)

SIGNATURE = "signed-by-the-fake"
CHALLENGED = "pm_card_threeDSecure2Required"
# Stripe's names of test cards. https://docs.stripe.com/testing
DECLINES = {
    "pm_card_visa_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_visa_chargeDeclinedLostCard": "lost_card",
}
_UNCONFIRMED = (IntentStatus.NEEDS_CARD, IntentStatus.NEEDS_CONFIRMATION)
_ENDED = (IntentStatus.SUCCEEDED, IntentStatus.CANCELED)


@dataclass
class _Scripted:
    act: Callable[[], object]
    after: bool
    kept: bool


class FakeGateway:
    """See Gateway. Tokens that begin with ``ctoken`` work once; others are cards."""

    def __init__(self) -> None:
        self.intents: dict[str, Intent] = {}
        self.calls: list[tuple[str, str]] = []
        self._created: dict[str, datetime] = {}
        self._answers: dict[str, tuple[object, Intent | BaseException]] = {}
        self._used: set[str] = set()
        self._script: dict[str, list[_Scripted]] = defaultdict(list)
        self._lock = threading.RLock()

    def fail(
        self,
        call: str,
        error: BaseException,
        *,
        after: bool = False,
        kept: bool = False,
    ) -> None:
        """Let the next ``call`` raise, before or ``after`` its effect.

        ``kept``: the provider itself says so and repeats it under the same key, as
        Stripe does with its own 500.
        """

        def act() -> None:
            raise error

        self._script[call].append(_Scripted(act, after, kept))

    def meanwhile(
        self, call: str, act: Callable[[], object], *, after: bool = True
    ) -> None:
        """Let something else happen while the next ``call`` is under way."""
        self._script[call].append(_Scripted(act, after, kept=False))

    def count(self, call: str) -> int:
        return sum(name == call for name, _key in self.calls)

    def answer_challenge(self, intent_id: str, *, accepted: bool = True) -> None:
        if accepted:
            self._set(intent_id, IntentStatus.CAPTURABLE, charge_id=f"ch_{intent_id}")
        else:
            code = "payment_intent_authentication_failure"
            self._set(intent_id, IntentStatus.NEEDS_CARD, decline_code=code)

    def lapse(self, intent_id: str) -> None:
        """End an authorisation as the bank does after some days."""
        self._set(intent_id, IntentStatus.CANCELED)

    def capture_elsewhere(self, intent_id: str, amount: int | None = None) -> None:
        """Charge an authorised intent by hand, on the provider's own pages."""
        received = self.intents[intent_id].amount if amount is None else amount
        self._set(intent_id, IntentStatus.SUCCEEDED, received=received)

    def create(self, order: str, amount: int, currency: str, key: str) -> Intent:
        def effect() -> Intent:
            number = len(self.intents) + 1
            intent = Intent(
                f"pi_{number}", IntentStatus.NEEDS_CARD, amount, 0, currency,
                client_secret=f"pi_{number}_secret", order=order,
            )  # fmt: skip
            self._created[intent.id] = timezone.now()
            self.intents[intent.id] = intent
            return intent

        return self._keyed("create", key, (order, amount, currency), effect)

    def confirm(self, intent_id: str, token: str, return_url: str, key: str) -> Intent:
        def effect() -> Intent:
            self._require(intent_id, _UNCONFIRMED)
            if token in self._used:
                message = f"{token} was already used"
                raise CardUnusable(message)
            if token.startswith("ctoken"):
                self._used.add(token)
            if token in DECLINES:
                code = DECLINES[token]
                return self._set(intent_id, IntentStatus.NEEDS_CARD, decline_code=code)
            if token == CHALLENGED:
                return self._set(intent_id, IntentStatus.NEEDS_CUSTOMER)
            return self._set(
                intent_id, IntentStatus.CAPTURABLE, decline_code="",
                charge_id=f"ch_{intent_id}", card_brand="visa", card_last4="4242",
            )  # fmt: skip

        return self._keyed("confirm", key, (intent_id, token, return_url), effect)

    def capture(self, intent_id: str, key: str) -> Intent:
        def effect() -> Intent:
            intent = self._require(intent_id, (IntentStatus.CAPTURABLE,))
            return self._set(intent_id, IntentStatus.SUCCEEDED, received=intent.amount)

        return self._keyed("capture", key, intent_id, effect)

    def cancel(self, intent_id: str, key: str) -> Intent:
        def effect() -> Intent:
            allowed = tuple(status for status in IntentStatus if status not in _ENDED)
            self._require(intent_id, allowed)
            return self._set(intent_id, IntentStatus.CANCELED)

        return self._keyed("cancel", key, intent_id, effect)

    def retrieve(self, intent_id: str) -> Intent:
        return self._run("retrieve", "", lambda: self.intents[intent_id])

    def created_since(self, moment: datetime) -> Iterator[Intent]:
        self.calls.append(("created_since", ""))
        found = [id_ for id_, created in self._created.items() if created >= moment]
        return iter([self.intents[id_] for id_ in reversed(found)])

    def read_notice(self, body: bytes, signature: str) -> ProviderNotice:
        if signature != SIGNATURE:
            message = "the webhook's signature does not match"
            raise BadSignature(message)
        return ProviderNotice(**json.loads(body))

    def _require(self, intent_id: str, allowed: tuple[IntentStatus, ...]) -> Intent:
        intent = self.intents[intent_id]
        if intent.status not in allowed:
            message = f"{intent_id} is {intent.status.value}"
            raise UnexpectedState(message, intent)
        return intent

    def _set(self, intent_id: str, status: IntentStatus, **changes: object) -> Intent:
        with self._lock:
            intent = replace(self.intents[intent_id], status=status, **changes)  # type: ignore[arg-type]
            self.intents[intent_id] = intent
            return intent

    def _keyed(
        self, call: str, key: str, parameters: object, effect: Callable[[], Intent]
    ) -> Intent:
        def once() -> Intent:
            with self._lock:
                known = self._answers.get(key)
                if known is None:
                    answer = effect()
                    self._answers[key] = ((call, parameters), answer)
                    return answer
            if known[0] != (call, parameters):
                message = f"{key} was used with other parameters"
                raise Refused(message)
            if isinstance(known[1], BaseException):
                raise known[1]
            return known[1]

        def keep(error: BaseException) -> None:
            self._answers[key] = ((call, parameters), error)

        return self._run(call, key, once, keep)

    def _run(
        self,
        call: str,
        key: str,
        effect: Callable[[], Intent],
        keep: Callable[[BaseException], None] = lambda _error: None,
    ) -> Intent:
        self.calls.append((call, key))
        scripted = self._script[call].pop(0) if self._script[call] else None
        answer = effect() if scripted is None or scripted.after else None
        if scripted is not None:
            try:
                scripted.act()
            except BaseException as error:
                if scripted.kept:
                    keep(error)
                raise
        return effect() if answer is None else answer
