"""What alerts say of refunds and disputes: title and lines, by the alert's topic."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from checkout.aftersales import disputes, refunds
from checkout.alerts.notices import Notice
from orders.models import Dispute, Order, Refund
from saga.models import Alert

_REFUND_ANCHOR = "an-alert-says-that-a-refund-failed"
_DISPUTE_ANCHOR = "an-alert-says-that-a-charge-is-disputed"


def refund_failed(alert: Alert) -> Notice:
    refund = _refund(alert)
    order = refund.payment.order
    told = refund.succeeded_at is not None
    return f"The refund of {refund.amount} for order {order.number} failed", [
        f"Why: {refund.failure}",
        "The customer does not have the money."
        + (" They were told that it was refunded." if told else ""),
        *(_goods(refund) if told else []),
        *_ways_on(order, _REFUND_ANCHOR),
    ]


def refund_unanswered(alert: Alert) -> Notice:
    refund = _refund(alert)
    order = refund.payment.order
    title = f"No answer about the refund of {refund.amount} for order {order.number}"
    return title, [
        f"Last error: {refund.error or 'none'}",
        "Whether the customer has the money is not known: do not refund it again.",
        "It is asked for again by itself, as the same refund.",
        *_ways_on(order, _REFUND_ANCHOR),
    ]


def dispute_opened(alert: Alert) -> Notice:
    dispute = _dispute(alert)
    if dispute.is_inquiry:
        return f"A bank asks about {_charge(dispute)}: {dispute.reason}", [
            "No money was taken back. An answer may spare you a dispute.",
            *_deadline(dispute),
            *_look(dispute),
        ]
    return f"{_charge(dispute)} is disputed: {dispute.reason}", [
        "The bank has taken the money back, and a fee.",
        *_deadline(dispute),
        "Do not refund it as well.",
        *_look(dispute),
    ]


def dispute_due(alert: Alert) -> Notice:
    dispute = _dispute(alert)
    title = f"The dispute about {_charge(dispute)} still needs your answer"
    return title, [*_deadline(dispute), *_look(dispute)]


def dispute_closed(alert: Alert) -> Notice:
    dispute = _dispute(alert)
    outcome = {
        Dispute.Status.WON: "was won: the money is back",
        Dispute.Status.LOST: "was lost: the money and the fee are gone",
    }.get(Dispute.Status(dispute.status), "was closed")
    return f"The dispute about {_charge(dispute)} {outcome}", _look(dispute)


def dispute_unanswered(alert: Alert) -> Notice:
    dispute = _dispute(alert)
    return f"A dispute was reported that cannot be read: {dispute.dispute_id}", [
        f"Last error: {dispute.error or 'none'}",
        "Look it up at Stripe: it has a deadline that is not known here.",
        *_look(dispute),
    ]


# Topic's first word -> who writes it out.
WRITERS = {
    refunds.FAILED_NOTICE: refund_failed,
    refunds.KIND.notice: refund_unanswered,
    disputes.OPENED_NOTICE: dispute_opened,
    disputes.DUE_NOTICE: dispute_due,
    disputes.CLOSED_NOTICE: dispute_closed,
    disputes.KIND.notice: dispute_unanswered,
}


def _refund(alert: Alert) -> Refund:
    return Refund.objects.select_related("payment__order").get(pk=_key(alert))


def _dispute(alert: Alert) -> Dispute:
    return Dispute.objects.select_related("payment__order").get(pk=_key(alert))


def _key(alert: Alert) -> str:
    return alert.topic.partition(" ")[2]


def _goods(refund: Refund) -> list[str]:
    back = refund.lines.filter(restock=True).select_related("line")
    units = ", ".join(f"{row.quantity} x {row.line.sku}" for row in back)
    return [f"Back in stock since: {units}. They stay there."] if units else []


def _charge(dispute: Dispute) -> str:
    if dispute.payment:
        return f"{dispute.amount} of order {dispute.payment.order.number}"
    return f"{dispute.amount} (there is no order here)"


def _deadline(dispute: Dispute) -> list[str]:
    if dispute.due_at is None or dispute.status not in Dispute.OPEN:
        return []
    due = timezone.localtime(dispute.due_at)
    return [f"Evidence is taken until {due:%Y-%m-%d %H:%M %Z}."]


def _look(dispute: Dispute) -> list[str]:
    page = reverse("admin:orders_dispute_change", args=[dispute.pk])
    return [
        f"Look: {settings.SITE_URL}{page}",
        f"What to do: {settings.RUNBOOK_URL}#{_DISPUTE_ANCHOR}",
    ]


def _ways_on(order: Order, anchor: str) -> list[str]:
    page = reverse("admin:orders_order_change", args=[order.pk])
    return [
        f"Look: {settings.SITE_URL}{page}",
        f"What to do: {settings.RUNBOOK_URL}#{anchor}",
    ]
