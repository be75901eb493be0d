"""Until when a customer may still pay."""

from datetime import datetime

from checkout.flow.claimed_order import payment_of
from checkout.flow.delayed_payment import approval_end, voucher_end, waits_for_shipment
from checkout.flow.holds import hold_deadline
from orders.models import Order, Payment, PaymentAttempt, Voucher
from saga.errors import Abort
from saga.step import Context
from shop import database_clock


def payment_deadline(context: Context, payment: Payment) -> datetime:
    """Return until when ``payment`` may still be completed."""
    if payment.status == Payment.Status.AUTHORIZED and waits_for_shipment(payment):
        return approval_end(payment)
    voucher = Voucher.objects.filter(
        attempt__payment=payment, attempt__outcome=PaymentAttempt.Outcome.VOUCHER
    ).first()
    return voucher_end(voucher.expires_at) if voucher else hold_deadline(context)


def check_time_left(context: Context) -> None:
    """Raise Abort when the goods are no longer set aside for a payment."""
    if database_clock.read() >= payment_deadline(context, payment_of(context)):
        message = "the payment provider did not answer in time"
        raise Abort(message, Order.CancelReason.NOT_PAID)
