"""Payments that are complete days after the order: in cash at a store, at shipment.

authorize_payment waits for both, with the goods set aside for as long.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from checkout.flow import steps
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.payments.gateway import VoucherDetails
from checkout.status.names import WAIT_FOR_SHIPMENT, WAIT_FOR_VOUCHER
from inventory import services as inventory
from inventory.errors import OutOfStock
from orders import transitions
from orders.models import Order, Payment, PaymentAttempt, Voucher
from saga.errors import Abort
from saga.results import Wait
from saga.step import Context

# The provider's word of a payment in the last minute, and of a voucher that lapsed,
# comes a little after the voucher's end.
VOUCHER_GRACE = timedelta(minutes=10)
# Should the provider's word of a payment get lost, it is found by a look.
_LOOKS_EVERY = timedelta(hours=3)
# What a card's approval lasts online when the provider does not say.
# https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
_APPROVAL_LASTS = timedelta(days=7)


def payment_deadline(payment: Payment, hold_until: datetime) -> datetime:
    """Return until when ``payment`` may still be completed.

    ``hold_until`` is the deadline of a customer who pays by card at once.
    """
    if payment.status == Payment.Status.AUTHORIZED and waits_for_shipment(payment):
        return approval_end(payment)
    voucher = Voucher.objects.filter(
        attempt__payment=payment, attempt__outcome=PaymentAttempt.Outcome.VOUCHER
    ).first()
    return voucher.expires_at + VOUCHER_GRACE if voucher else hold_until


def lasts_for_days(payment: Payment, attempt: PaymentAttempt) -> bool:
    """Whether it must not be given up because of an hour without answers."""
    is_approved = payment.status == Payment.Status.AUTHORIZED
    return is_approved or attempt.outcome == PaymentAttempt.Outcome.VOUCHER


def voided(payment: Payment) -> Abort:
    """Return why the order ends whose payment is no more at the provider."""
    message = "the payment was voided at the provider"
    if payment.status == Payment.Status.AUTHORIZED:
        return Abort(message, Order.CancelReason.LAPSED)
    return Abort(message, Order.CancelReason.NOT_PAID)


def wait_for_store(
    context: Context, attempt: PaymentAttempt, details: VoucherDetails
) -> Wait:
    """Show the voucher to the customer, and hold the goods until after its end.

    Raises Abort when the goods are gone meanwhile.
    """
    voucher = Voucher(
        expires_at=details.expires_at,
        url=details.url,
        stores=[vars(codes) for codes in details.stores],
    )
    until = details.expires_at + VOUCHER_GRACE
    if transitions.issue_voucher(attempt, voucher):
        _hold_until(context, until + steps.HOLD_MARGIN)
        order = attempt.payment.order
        outbox.queue(order, MailKind.VOUCHER, key=str(attempt.number))
    return Wait(min(until, timezone.now() + _LOOKS_EVERY), WAIT_FOR_VOUCHER)


def waits_for_shipment(payment: Payment) -> bool:
    return payment.capture == Payment.Capture.SHIPMENT and not payment.order.ready_at


def wait_for_shipment(context: Context, payment: Payment) -> Wait:
    """Keep the goods and the bank's approval until staff release the order.

    Staff are told in time that the approval is about to lapse. Raises Abort when it
    has lapsed, or when the goods are gone.
    """
    steps.pin_hold(context)
    outbox.queue(payment.order, MailKind.RECEIVED)
    ends, now = approval_end(payment), timezone.now()
    warning = ends - timedelta(hours=settings.CAPTURE_WARNING_HOURS)
    if now >= ends:
        message = "the bank's approval of the card lapsed before the order was released"
        raise Abort(message, Order.CancelReason.LAPSED)
    if now < warning:
        return Wait(warning, WAIT_FOR_SHIPMENT)
    alert = (
        f"not released yet, and the bank's approval of the card lapses at "
        f"{timezone.localtime(ends):%Y-%m-%d %H:%M}: release the order for shipping, "
        "or cancel it"
    )
    return Wait(ends, WAIT_FOR_SHIPMENT, alert)


def approval_end(payment: Payment) -> datetime:
    """Return when the amount is not set aside any more, unless it is charged before."""
    if payment.capture_before:
        return payment.capture_before
    return (payment.authorized_at or timezone.now()) + _APPROVAL_LASTS


def _hold_until(context: Context, end: datetime) -> None:
    try:
        inventory.reserve(context.reference, steps.units_of(context.reference), end)
    except OutOfStock as error:
        raise Abort(str(error), Order.CancelReason.OUT_OF_STOCK) from error
