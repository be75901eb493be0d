"""Alerts about refunds: title and lines."""

from django.urls import reverse

from checkout.alerts.notices import Notice, key_of, next_steps
from orders.models import Order, Refund
from saga.models import Alert

FAILED = "refund_failed"
UNANSWERED = "refund_unanswered"
ANCHOR = "an-alert-says-that-a-refund-failed"


def write_failed(alert: Alert) -> Notice:
    refund = _refund(alert)
    order = refund.payment.order
    was_mailed = refund.succeeded_at is not None
    return f"The refund of {refund.amount} for order {order.number} failed", [
        f"Why: {refund.failure}",
        "The customer does not have the money."
        + (" They were told that it was refunded." if was_mailed else ""),
        *(_restocked(refund) if was_mailed else []),
        *_next_steps(order),
    ]


def write_unanswered(alert: Alert) -> Notice:
    refund = _refund(alert)
    order = refund.payment.order
    title = f"No answer about the refund of {refund.amount} for order {order.number}"
    return title, [
        f"Last error: {refund.error or 'none'}",
        "Whether the customer has the money is not known: do not refund it again.",
        "It is asked for again by itself, as the same refund.",
        *_next_steps(order),
    ]


WRITERS = {FAILED: write_failed, UNANSWERED: write_unanswered}


def _refund(alert: Alert) -> Refund:
    return Refund.objects.select_related("payment__order").get(pk=key_of(alert))


def _restocked(refund: Refund) -> list[str]:
    rows = refund.lines.filter(restock=True).select_related("line")
    units = ", ".join(f"{row.quantity} x {row.line.sku}" for row in rows)
    return [f"Back in stock since: {units}. They stay there."] if units else []


def _next_steps(order: Order) -> list[str]:
    return next_steps(reverse("admin:orders_order_change", args=[order.pk]), ANCHOR)
