"""The only writer of a payment's status."""

from datetime import datetime
from typing import Any

from django.db import transaction

from orders.errors import IllegalMove
from orders.models import (
    OrderEvent,
    Payment,
    PaymentAttempt,
)
from orders.transitions.attempts import close_attempt
from orders.transitions.events import record_event, show
from shop.database_clock import Now

_PAYMENT_MOVES = {
    Payment.Status.AUTHORIZED: [Payment.Status.PENDING],
    # From pending too: a charge counts even if its authorisation was never recorded.
    Payment.Status.CAPTURED: [Payment.Status.PENDING, Payment.Status.AUTHORIZED],
    Payment.Status.CANCELLED: [Payment.Status.PENDING, Payment.Status.AUTHORIZED],
}


def record_intent(payment: Payment, intent_id: str) -> None:
    """Record the provider's intent before it is confirmed. Twice is once.

    Raises IllegalMove if the payment has another intent.
    """
    rows = Payment.objects.filter(pk=payment.pk)
    if not rows.filter(intent_id=None).update(intent_id=intent_id):
        known = rows.values_list("intent_id", flat=True).get()
        if known != intent_id:
            raise IllegalMove(payment, f"intent {intent_id}")
    payment.intent_id = intent_id


@transaction.atomic(savepoint=False)
def authorize(
    payment: Payment,
    *,
    charge_id: str,
    brand: str,
    last4: str,
    capture_before: datetime | None,
    method: str = "card",
) -> bool:
    """Record that the bank has authorised the amount; nothing is charged yet."""
    moved = _move_payment(
        payment,
        Payment.Status.AUTHORIZED,
        authorized_at=Now(),
        charge_id=charge_id,
        card_brand=brand,
        card_last4=last4,
        capture_before=capture_before,
        method=method,
    )
    close_attempt(payment, PaymentAttempt.Outcome.ACCEPTED)
    if moved:
        record_event(payment.order_id, OrderEvent.Name.PAYMENT_AUTHORIZED)
    return moved


@transaction.atomic(savepoint=False)
def capture(payment: Payment, charged_minor: int, charge_id: str) -> bool:
    """Record the charge. It may be another amount than the order's."""
    moved = _move_payment(
        payment,
        Payment.Status.CAPTURED,
        captured_at=Now(),
        captured_minor=charged_minor,
        charge_id=charge_id,
    )
    if moved:
        record_event(
            payment.order_id, OrderEvent.Name.PAYMENT_CAPTURED, amount=charged_minor
        )
    return moved


@transaction.atomic
def cancel_payment(payment: Payment) -> bool:
    """Record the provider's confirmation that nothing was or will be charged."""
    moved = _move_payment(payment, Payment.Status.CANCELLED)
    close_attempt(payment, PaymentAttempt.Outcome.ABANDONED)
    if moved:
        record_event(payment.order_id, OrderEvent.Name.PAYMENT_CANCELLED)
    return moved


def _move_payment(payment: Payment, to: Payment.Status, **fields: Any) -> bool:
    rows = Payment.objects.filter(pk=payment.pk)
    if rows.filter(status__in=_PAYMENT_MOVES[to]).update(status=to, **fields):
        show(payment, status=to, **fields)
        return True
    if rows.filter(status=to).exists():
        return False
    raise IllegalMove(payment, to)
