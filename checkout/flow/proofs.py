"""By what it is proven that a step was done by other means; what staff may change.

A proof asks the outside now; it takes nobody's word for money or goods.
"""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from checkout.cart import services as carts
from checkout.flow.payment_steps import Tried
from checkout.payments.gateway import (
    Intent,
    IntentStatus,
    PaymentError,
    get_gateway,
)
from inventory.models import Movement
from orders import transitions
from orders.models import Order, Payment
from saga.errors import Unproven
from saga.step import Context, Input


def authorized(context: Context) -> Tried:
    """Read the intent anew: the whole amount is set aside, or charged already."""
    payment = _payment(context)
    intent = _intent(payment)
    if intent.status is IntentStatus.SUCCEEDED:
        return Tried(_charged_in_full(payment, intent))
    if intent.status is not IntentStatus.CAPTURABLE:
        message = f"at the provider the payment is {intent.status.value}"
        raise Unproven(message)
    if (intent.amount, intent.currency.upper()) != _owed(payment):
        message = (
            f"{intent.amount} {intent.currency} is set aside, "
            f"not {payment.amount_minor} {payment.currency}"
        )
        raise Unproven(message)
    return Tried(intent)


def captured(context: Context) -> Intent:
    """Read the intent anew: exactly the order's amount was charged."""
    payment = _payment(context)
    intent = _intent(payment)
    if intent.status is not IntentStatus.SUCCEEDED:
        message = f"at the provider the payment is {intent.status.value}"
        raise Unproven(message)
    return _charged_in_full(payment, intent)


def fulfilled(context: Context) -> int:
    """Find every unit of the order among what left the shelf; return how many."""
    order = Order.objects.get(number=context.reference)
    wanted = dict(order.lines.values_list("sku", "quantity"))
    left = Movement.objects.filter(
        kind=Movement.Kind.SHIP_OUT, reference=order.number
    ).values_list("item__sku", "quantity")
    gone = {sku: -quantity for sku, quantity in left}
    if gone != wanted:
        message = f"the ledger says that {gone or 'nothing'} left, not {wanted}"
        raise Unproven(message)
    return sum(gone.values())


def record_fulfilment(context: Context, moved: int) -> dict[str, int]:
    """Do what is left of the step when the goods have gone."""
    order = Order.objects.get(number=context.reference)
    transitions.confirm(order)
    carts.close(order.checkout_key)
    return {"moved": moved}


def staffs_word(_context: Context) -> None:
    """Nothing can be asked: whoever marks the mail as sent says how, as the reason."""


def _parse_email(typed: str) -> str:
    typed = typed.strip()
    try:
        validate_email(typed)
    except ValidationError as error:
        message = f"{typed!r} is no mail address"
        raise ValueError(message) from error
    return typed


def _current_email(context: Context) -> str:
    return Order.objects.get(number=context.reference).email


EMAIL = Input("email", _parse_email, _current_email)


def _intent(payment: Payment) -> Intent:
    if payment.intent_id is None:
        message = "no payment was begun at the provider"
        raise Unproven(message)
    try:
        return get_gateway().retrieve(payment.intent_id)
    except PaymentError as error:
        message = f"the payment provider could not be asked: {error}"
        raise Unproven(message) from error


def _charged_in_full(payment: Payment, intent: Intent) -> Intent:
    if (intent.received, intent.currency.upper()) != _owed(payment):
        message = (
            f"{intent.received} {intent.currency} was charged, "
            f"not {payment.amount_minor} {payment.currency}"
        )
        raise Unproven(message)
    return intent


def _owed(payment: Payment) -> tuple[int, str]:
    return payment.amount_minor, payment.currency


def _payment(context: Context) -> Payment:
    return Payment.objects.get(order__number=context.reference)
