"""The wait for a customer who must answer the bank, or enter another card.

authorize_payment waits here when the payment can be complete within minutes.
"""

from datetime import timedelta

from checkout.flow.deadlines import payment_deadline
from checkout.flow.delayed_payment import wait_for_store
from checkout.flow.holds import keep_for_answer, keep_for_next_card
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.payments.gateway import Intent, IntentStatus
from checkout.status.names import WAIT_FOR_CARD, WAIT_FOR_CHALLENGE
from orders import transitions
from orders.models import Order, Payment, PaymentAttempt
from saga.errors import Abort
from saga.results import Wait
from saga.step import Context
from shop import database_clock

# A customer who answers the bank or enters another card meanwhile needs no mail.
_REMINDED_AFTER = timedelta(minutes=2)


def wait_for_customer(
    context: Context, payment: Payment, intent: Intent, number: int
) -> Wait:
    """Return a Wait for the customer whose attempt of that number was answered.

    The goods are kept for as long as the answer may take. Raises Abort when the payment
    was voided, or when it is too late.
    """
    if intent.status is IntentStatus.CANCELED:
        raise _voided(payment)
    attempt = payment.attempts.get(number=number)
    deadline = payment_deadline(context, payment)
    had_voucher = attempt.outcome == PaymentAttempt.Outcome.VOUCHER
    if database_clock.read() >= deadline or (had_voucher and intent.voucher is None):
        message = "no payment was completed in time"
        raise Abort(message, Order.CancelReason.NOT_PAID)
    if intent.voucher:
        return wait_for_store(context, attempt, intent.voucher)
    outbox.queue(payment.order, MailKind.PAYMENT_NEEDED, after=_REMINDED_AFTER)
    if intent.status is IntentStatus.NEEDS_CUSTOMER:
        if transitions.challenge_attempt(attempt):
            keep_for_answer(context, attempt)
        return Wait(deadline, WAIT_FOR_CHALLENGE)
    # Once: a customer who comes back again and again does not keep them for longer.
    if transitions.decline_attempt(attempt, intent.decline_code):
        keep_for_next_card(context, attempt)
    return Wait(deadline, WAIT_FOR_CARD)


def _voided(payment: Payment) -> Abort:
    """Return the error that ends an order whose payment was voided at the provider."""
    message = "the payment was voided at the provider"
    if payment.status == Payment.Status.AUTHORIZED:
        return Abort(message, Order.CancelReason.LAPSED)
    return Abort(message, Order.CancelReason.NOT_PAID)
