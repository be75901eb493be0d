"""Payments that are complete days after the order: in cash at a store, at shipment.

authorize_payment waits for both, with the goods set aside for as long.
"""

from datetime import datetime, timedelta

from django.conf import settings

from checkout.flow.holds import keep_for_store, pin
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.payments.gateway import VoucherDetails
from checkout.status.names import WAIT_FOR_SHIPMENT, WAIT_FOR_VOUCHER
from orders import transitions
from orders.models import Order, Payment, PaymentAttempt, Voucher
from saga.errors import Abort
from saga.results import Wait
from saga.step import Context
from shop import database_clock
from shop.formatting import date_and_time

# The provider reports a payment in the last minute, and a voucher that lapsed, a
# little after the voucher's end.
_VOUCHER_GRACE = timedelta(minutes=10)
# If the provider's report of a payment is lost, this reading of the intent finds it.
_POLLED_EVERY = timedelta(hours=3)
# What a card's approval lasts online when the provider does not say.
# https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
_APPROVAL_LASTS = timedelta(days=7)


def lasts_for_days(payment: Payment, attempt: PaymentAttempt) -> bool:
    """Return whether an hour without answers must not end the order."""
    is_approved = payment.status == Payment.Status.AUTHORIZED
    return is_approved or attempt.outcome == PaymentAttempt.Outcome.VOUCHER


def wait_for_store(
    context: Context, attempt: PaymentAttempt, details: VoucherDetails
) -> Wait:
    """Show the voucher to the customer, and hold the goods until after its end.

    Raises Abort when the goods are gone meanwhile, or when too many are kept unpaid.
    """
    voucher = Voucher(
        expires_at=details.expires_at,
        url=details.url,
        stores=[vars(codes) for codes in details.stores],
    )
    until = voucher_end(details.expires_at)
    if transitions.issue_voucher(attempt, voucher):
        keep_for_store(context, attempt, until)
        order = attempt.payment.order
        outbox.queue(order, MailKind.VOUCHER, key=str(attempt.number))
    return Wait(min(until, database_clock.read() + _POLLED_EVERY), WAIT_FOR_VOUCHER)


def voucher_end(expires_at: datetime) -> datetime:
    """Return until when the payment of a voucher may still be reported."""
    return expires_at + _VOUCHER_GRACE


def wait_for_shipment(context: Context, payment: Payment) -> Wait:
    """Keep the goods and the bank's approval until staff release the order.

    Staff are alerted before the approval lapses. Raises Abort when it has lapsed, or
    when the goods are gone.
    """
    pin(context)
    outbox.queue(payment.order, MailKind.RECEIVED)
    ends, now = approval_end(payment), database_clock.read()
    warning = ends - timedelta(hours=settings.CAPTURE_WARNING_HOURS)
    if now >= ends:
        message = "the bank's approval of the card lapsed before the order was released"
        raise Abort(message, Order.CancelReason.LAPSED)
    if now < warning:
        return Wait(warning, WAIT_FOR_SHIPMENT)
    alert = (
        f"not released yet, and the bank's approval of the card lapses at "
        f"{date_and_time(ends)}: release the order for shipping, "
        "or cancel it"
    )
    return Wait(ends, WAIT_FOR_SHIPMENT, alert)


def waits_for_shipment(payment: Payment) -> bool:
    """Return whether the charge waits until staff release the order."""
    return payment.capture == Payment.Capture.SHIPMENT and not payment.order.ready_at


def approval_end(payment: Payment) -> datetime:
    """Return until when the bank sets the amount aside."""
    if payment.capture_before:
        return payment.capture_before
    return (payment.authorized_at or database_clock.read()) + _APPROVAL_LASTS
