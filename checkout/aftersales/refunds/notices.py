"""Alerts about refunds: title and lines."""

from django.urls import reverse

from checkout.alerts.notices import Notice, key_of, next_steps
from orders.models import Order, Refund
from saga.models import Alert

FAILED = "refund_failed"
UNANSWERED = "refund_unanswered"
FOUND = "refund_found"
ANCHOR = "an-alert-says-that-a-refund-failed"
FOUND_ANCHOR = "an-alert-says-that-a-refund-was-made-at-stripe"


def write_failed(alert: Alert) -> Notice:
    refund = _refund(alert)
    order = refund.payment.order
    was_mailed = refund.succeeded_at is not None
    return f"The refund of {refund.amount} for order {order.number} failed", [
        f"Why: {refund.failure}",
        "The customer does not have the money."
        + (" They were told that it was refunded." if was_mailed else ""),
        *(_restocked(refund) if was_mailed else []),
        *_next_steps(order, ANCHOR),
    ]


def write_unanswered(alert: Alert) -> Notice:
    refund = _refund(alert)
    order = refund.payment.order
    title = f"No answer about the refund of {refund.amount} for order {order.number}"
    return title, [
        f"Last error: {refund.error or 'none'}",
        "Whether the customer has the money is not known: do not refund it again.",
        "It is asked for again by itself, as the same refund.",
        *_next_steps(order, ANCHOR),
    ]


def write_found(alert: Alert) -> Notice:
    refund = _refund(alert)
    order, left = refund.payment.order, refund.payment.refundable
    title = f"{refund.amount} of order {order.number} were refunded at Stripe"
    return title, [
        f"{left} of the charge are left."
        if left
        else "Nothing of the charge is left: the goods are not to be sent.",
        "Do not refund it again. No goods were put back into stock.",
        *_next_steps(order, FOUND_ANCHOR),
    ]


WRITERS = {FAILED: write_failed, UNANSWERED: write_unanswered, FOUND: write_found}


def _refund(alert: Alert) -> Refund:
    return Refund.objects.select_related("payment__order").get(pk=key_of(alert))


def _restocked(refund: Refund) -> list[str]:
    rows = refund.lines.filter(restock=True).select_related("line")
    units = ", ".join(f"{row.quantity} x {row.line.sku}" for row in rows)
    return [f"Back in stock since: {units}. They stay there."] if units else []


def _next_steps(order: Order, anchor: str) -> list[str]:
    return next_steps(reverse("admin:orders_order_change", args=[order.pk]), anchor)
