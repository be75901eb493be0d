"""Reading a payment at the provider to prove that a step was done by other means.

A proof asks the provider now; a person's statement about money does not count.
"""

from checkout.payments.gateway import Intent, PaymentError, get_gateway
from orders.models import Payment
from saga.errors import Unproven
from saga.step import Context


def read_payment(context: Context) -> tuple[Payment, Intent]:
    """Return the order's payment and its intent as it is now. Raises Unproven."""
    payment = Payment.objects.get(order__number=context.reference)
    if payment.intent_id is None:
        message = "no payment was begun at the provider"
        raise Unproven(message)
    try:
        return payment, get_gateway().retrieve(payment.intent_id)
    except PaymentError as error:
        message = f"the payment provider could not be asked: {error}"
        raise Unproven(message) from error


def check_amount(payment: Payment, amount: int, currency: str, done: str) -> None:
    """Raise Unproven unless this is exactly what the order costs.

    ``amount`` in minor units; ``done`` is what was done with it.
    """
    if (amount, currency.upper()) != (payment.amount_minor, payment.currency):
        message = (
            f"{amount} {currency} {done}, not {payment.amount_minor} {payment.currency}"
        )
        raise Unproven(message)
