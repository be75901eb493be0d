"""How an order stands for its customer, in one word; and where the money is."""

from typing import Literal

from checkout.status.names import AUTHORIZE, STRIPE, WAIT_FOR_CARD
from orders.models import Cancellation, Order, Payment, PaymentAttempt
from saga.models import Direction, Saga, State

Outcome = Literal[
    "working",
    "retrying",
    "checking_bank",
    "waiting_for_bank",
    "needs_challenge",
    "needs_card",
    "needs_voucher",
    "needs_page",
    "accepted",
    "on_hold",
    "cancelling",
    "cancelled",
    "done",
]
# What became of the customer's money; the same words are in the templates.
Money = Literal["none", "kept", "returned"]
# The books know whether the money was taken, whatever the last call said.
_TOLD = (Payment.Status.CAPTURED, Payment.Status.CANCELLED)


def money_of(payment: Payment) -> Money:
    """Return what became of the customer's money."""
    if payment.status != Payment.Status.CAPTURED:
        return "none"
    return "kept" if payment.refundable else "returned"


def outcome_of(  # noqa: PLR0911 (one a case)
    saga: Saga, payment: Payment, attempt: PaymentAttempt | None, wish: str
) -> Outcome:
    """Return how the order stands. ``wish`` is its last cancellation's status."""
    at_rest = _outcome_at_rest(saga, payment, wish)
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
    if saga.error_kind == "unknown" and payment.status not in _TOLD:
        return "checking_bank"
    if saga.error and saga.direction == Direction.DO:
        return "retrying"
    return "working"


def _outcome_at_rest(saga: Saga, payment: Payment, wish: str) -> Outcome | None:
    is_sent = payment.order.status == Order.Status.SHIPPED
    if wish == Cancellation.Status.ACCEPTED and not is_sent:
        return "cancelling"
    if payment.order.status == Order.Status.CANCELLED:
        return "cancelled"
    if payment.order.status != Order.Status.PENDING:
        # Only the mail may be outstanding: the order is complete for the customer.
        return "done"
    return "on_hold" if saga.state == State.FAILED else None


def _delayed_payment_outcome(
    saga: Saga, payment: Payment, attempt: PaymentAttempt | None
) -> Outcome | None:
    """Return the outcome of a payment that is made elsewhere or takes days, else None.

    The same while the saga just reads the intent of a voucher again.
    """
    if saga.step != AUTHORIZE or saga.direction != Direction.DO:
        return None
    if attempt and attempt.outcome == PaymentAttempt.Outcome.VOUCHER:
        return "needs_voucher"
    is_on_page = attempt and attempt.outcome == PaymentAttempt.Outcome.PAGE
    # Not while the page is read after the customer's return: they may have paid.
    if is_on_page and saga.state == State.WAITING:
        return "needs_page"
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
