"""Charged orders of several rates and currencies, with refunds and disputes."""

from datetime import UTC, datetime

from orders.models import Dispute, Order, Payment, Refund
from tests.orders.test_rates import make_mixed, make_refund

# 00:30 on 2 March in Japan is still 1 March in UTC.
EARLY = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)


def charged(at: datetime = NOON, currency: str = "JPY") -> Order:
    """Return an order of 6,000: 4,200 at 10 %, 1,800 at 8 %, charged at ``at``."""
    order = make_mixed()
    order.lines.update(currency=currency)
    Order.objects.filter(pk=order.pk).update(currency=currency)
    Payment.objects.filter(order=order).update(
        currency=currency,
        captured_at=at,
        charge_id=f"ch_{order.pk}",
        card_last4="4242",
        intent_id=f"pi_{order.pk}",
    )
    return Order.objects.get(pk=order.pk)


def refunded(
    order: Order, amount: int, at: datetime = NEXT_DAY, reason: str = "broken"
) -> Refund:
    refund = make_refund(order, amount)
    Refund.objects.filter(pk=refund.pk).update(
        succeeded_at=at,
        currency=order.currency,
        reason=reason,
        refund_id=f"re_{refund.pk}",
    )
    Payment.objects.filter(order=order).update(
        refunded_minor=order.payment.refunded_minor + amount
    )
    return Refund.objects.get(pk=refund.pk)


def disputed(order: Order, status: str = "lost", at: datetime = NEXT_DAY) -> Dispute:
    return Dispute.objects.create(
        dispute_id=f"dp_{order.pk}",
        payment=order.payment,
        status=status,
        amount_minor=order.total_minor,
        currency=order.currency,
        reported_at=at,
        closed_at=at if status in ("won", "lost") else None,
    )
