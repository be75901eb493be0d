"""How far an order is, read from order, payment and saga, for customers and staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.dateparse import parse_datetime

from checkout.payments import declines
from checkout.status.names import (
    AUTHORIZE,
    CAPTURE,
    FULFIL,
    RESERVE,
    SEND_CONFIRMATION,
    STRIPE,
    WAIT_FOR_CARD,
)
from checkout.status.sagas import saga_of
from orders.models import Order, Payment, PaymentAttempt
from saga.definition import get_definition
from saga.models import Direction, Saga, State

Outcome = Literal[
    "working",
    "retrying",
    "checking_bank",
    "waiting_for_bank",
    "needs_challenge",
    "needs_card",
    "needs_voucher",
    "accepted",
    "on_hold",
    "cancelled",
    "done",
]
StepKey = Literal["stock", "payment", "preparation"]
StepState = Literal[
    "pending",
    "active",
    "retrying",
    "needs_you",
    "scheduled",
    "on_hold",
    "done",
    "failed",
]

# What the customer sees of the saga: three steps for five.
_SHOWN: dict[StepKey, tuple[str, ...]] = {
    "stock": (RESERVE,),
    "payment": (AUTHORIZE, CAPTURE),
    "preparation": (FULFIL, SEND_CONFIRMATION),
}


@dataclass(frozen=True)
class ProgressStep:
    key: StepKey
    state: StepState


@dataclass(frozen=True)
class Progress:
    """How far an order is, as its customer may know it.

    ``version`` changes whenever anything shown does. ``deadline`` is until when the
    goods are set aside while the customer is asked for something.
    """

    outcome: Outcome
    steps: tuple[ProgressStep, ...]
    decline: str
    deadline: datetime | None
    paid: bool
    version: str
    is_final: bool
    cancel_reason: str

    @property
    def decline_text(self) -> str:
        """Return what was wrong with the card, in the active language; or ""."""
        return declines.explain(self.decline) if self.decline else ""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing will change for hours or days, so that no page watches it."""
        return self.is_final or self.outcome in ("needs_voucher", "accepted")


def progress_of(order: Order) -> Progress:
    """Return how far ``order`` is now: three queries."""
    saga = saga_of(order)
    payment = Payment.objects.select_related("order").get(order_id=order.pk)
    attempt = payment.attempts.order_by("number").last()
    outcome = _outcome(saga, payment, attempt)
    steps = tuple(ProgressStep(key, _step_state(key, saga, outcome)) for key in _SHOWN)
    decline, tries = _decline(attempt)
    asked = outcome in ("needs_card", "needs_challenge")
    shown = [outcome, *(step.state for step in steps), payment.status, str(tries)]
    shown.append(payment.order.status)
    return Progress(
        outcome=outcome,
        steps=steps,
        decline=decline if outcome == "needs_card" else "",
        deadline=_deadline(saga) if asked else None,
        paid=payment.status == Payment.Status.CAPTURED,
        version="-".join(shown),
        is_final=outcome in ("done", "cancelled"),
        cancel_reason=payment.order.cancel_reason,
    )


def _outcome(  # noqa: PLR0911 (one a case)
    saga: Saga, payment: Payment, attempt: PaymentAttempt | None
) -> Outcome:
    at_rest = _outcome_at_rest(saga, payment)
    if at_rest:
        return at_rest
    delayed = _delayed_payment_outcome(saga, payment, attempt)
    if delayed:
        return delayed
    if _asks_for_card(saga, attempt):
        return "needs_card"
    if saga.state == State.WAITING:
        return "needs_challenge" if _is_challenge(saga) else "needs_card"
    if saga.waiting_for == STRIPE and not saga.pivot_at:
        # Parked while the provider does not answer. No charge can be under way.
        return "waiting_for_bank"
    if saga.error_kind == "unknown":
        return "checking_bank"
    if saga.error and saga.direction == Direction.DO:
        return "retrying"
    return "working"


def _outcome_at_rest(saga: Saga, payment: Payment) -> Outcome | None:
    if payment.order.status == Order.Status.CANCELLED:
        return "cancelled"
    if payment.order.status != Order.Status.PENDING:
        # Only the mail may be outstanding: the order is complete for the customer.
        return "done"
    return "on_hold" if saga.state == State.FAILED else None


def _delayed_payment_outcome(
    saga: Saga, payment: Payment, attempt: PaymentAttempt | None
) -> Outcome | None:
    """Return the outcome of a payment that takes days, else None.

    The same while the saga just reads the intent again.
    """
    if saga.step != AUTHORIZE or saga.direction != Direction.DO:
        return None
    if attempt and attempt.outcome == PaymentAttempt.Outcome.VOUCHER:
        return "needs_voucher"
    is_approved = payment.status == Payment.Status.AUTHORIZED
    at_shipment = payment.capture == Payment.Capture.SHIPMENT
    waits = is_approved and at_shipment and not payment.order.ready_at
    return "accepted" if waits else None


def _asks_for_card(saga: Saga, attempt: PaymentAttempt | None) -> bool:
    """Return whether the last card was declined, and another would help.

    Also while the saga reads the intent again, as it does after every report of the
    provider: the page must not take away the form in which the customer types.
    """
    return (
        saga.state in (State.WAITING, State.RUNNING)
        and saga.direction == Direction.DO
        and saga.step == AUTHORIZE
        and attempt is not None
        and attempt.outcome == PaymentAttempt.Outcome.DECLINED
    )


def _is_challenge(saga: Saga) -> bool:
    return saga.waiting_for != WAIT_FOR_CARD


def _step_state(key: StepKey, saga: Saga, outcome: Outcome) -> StepState:
    if outcome == "done":
        return "done"
    definition = get_definition(saga.definition)
    names = [step.name for step in definition.along("")]
    shown = [names.index(name) for name in _SHOWN[key] if name in names]
    at = names.index(step) if (step := definition.today(saga.step)) in names else 0
    if saga.direction == Direction.UNDO:
        return _undone_state(key, saga)
    if at > shown[-1]:
        return "done"
    if at < shown[0]:
        return "pending"
    present: dict[Outcome, StepState] = {
        "needs_card": "needs_you",
        "needs_challenge": "needs_you",
        "needs_voucher": "needs_you",
        "accepted": "scheduled",
        "on_hold": "on_hold",
        "retrying": "retrying",
        "checking_bank": "retrying",
        "waiting_for_bank": "retrying",
    }
    return present.get(outcome, "active")


def _undone_state(key: StepKey, saga: Saga) -> StepState:
    """Return the state of a step of an order that is undone: none is shown as done."""
    failed = "stock" if saga.reason == Order.CancelReason.OUT_OF_STOCK else "payment"
    return "failed" if key == failed else "pending"


def _deadline(saga: Saga) -> datetime | None:
    until = saga.output(RESERVE).get("hold_until")
    return parse_datetime(until) if until else None


def _decline(attempt: PaymentAttempt | None) -> tuple[str, int]:
    if attempt is None:
        return "", 0
    return declines.kind_of(attempt.decline_code), attempt.number
