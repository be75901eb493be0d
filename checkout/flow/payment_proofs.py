"""Reading a payment at the provider to prove that a step was done by other means.

A proof asks the provider now; a person's statement about money does not count.
"""

from checkout.flow.payment_page import page_of
from checkout.payments.gateway import Intent, PaymentError, get_gateway
from orders.models import Payment
from saga.errors import Unproven
from saga.step import Context


def read_payment(context: Context) -> tuple[Payment, Intent]:
    """Return the order's payment and its intent as it is now. Raises Unproven."""
    payment = Payment.objects.get(order__number=context.reference)
    try:
        intent_id = payment.intent_id or _intent_on_page(payment)
        if not intent_id:
            message = "no payment was begun at the provider"
            raise Unproven(message)
        return payment, get_gateway().retrieve(intent_id)
    except PaymentError as error:
        message = f"the payment provider could not be asked: {error}"
        raise Unproven(message) from error


def _intent_on_page(payment: Payment) -> str:
    """Return the intent of the cards that were tried on the payment's page, or ""."""
    row = page_of(payment) if payment.on_page else None
    return get_gateway().read_page(row.session_id).intent_id if row else ""


def check_amount(payment: Payment, amount: int, currency: str, done: str) -> None:
    """Raise Unproven unless this is exactly what the order costs.

    ``amount`` in minor units; ``done`` is what was done with it.
    """
    if (amount, currency.upper()) != (payment.amount_minor, payment.currency):
        message = (
            f"{amount} {currency} {done}, not {payment.amount_minor} {payment.currency}"
        )
        raise Unproven(message)
