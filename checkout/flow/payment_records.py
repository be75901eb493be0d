"""What is recorded with a payment of what an intent says, and whether it has one."""

from django.db.models import Q

from checkout.payments.gateway import Intent
from orders import transitions
from orders.models import Payment
from saga.models import Saga


def record_approved(payment: Payment, intent: Intent) -> None:
    """Record who approved the amount, and by which charge. Twice is once."""
    transitions.authorize(
        payment,
        charge_id=intent.charge_id,
        brand=intent.card_brand,
        last4=intent.card_last4,
        capture_before=intent.capture_before,
        method=intent.method,
    )


def has_intent(saga: Saga) -> bool:
    """Return whether there is anything to void at the provider."""
    rows = Payment.objects.filter(order__number=saga.reference)
    return rows.filter(Q(intent_id__isnull=False) | Q(page__isnull=False)).exists()
