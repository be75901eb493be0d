"""What is recorded with a payment of what an intent says."""

from checkout.payments.gateway import Intent
from orders import transitions
from orders.models import Payment


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
