"""Alerts about disputes: title and lines."""

from django.urls import reverse

from checkout.alerts.notices import Notice, key_of, next_steps
from orders.models import Dispute
from saga.models import Alert
from shop.formatting import date_and_time

OPENED = "dispute_opened"
DUE = "dispute_due"
CLOSED = "dispute_closed"
UNANSWERED = "dispute_unanswered"
ANCHOR = "an-alert-says-that-a-charge-is-disputed"


def write_opened(alert: Alert) -> Notice:
    dispute = _dispute(alert)
    if dispute.is_inquiry:
        return f"A bank asks about {_charge(dispute)}: {dispute.reason}", [
            "No money was taken back. An answer may spare you a dispute.",
            *_deadline(dispute),
            *_next_steps(dispute),
        ]
    return f"{_charge(dispute)} is disputed: {dispute.reason}", [
        "The bank has taken the money back, and a fee.",
        *_deadline(dispute),
        "Do not refund it as well.",
        *_next_steps(dispute),
    ]


def write_due(alert: Alert) -> Notice:
    dispute = _dispute(alert)
    title = f"The dispute about {_charge(dispute)} still needs your answer"
    return title, [*_deadline(dispute), *_next_steps(dispute)]


def write_closed(alert: Alert) -> Notice:
    dispute = _dispute(alert)
    outcome = {
        Dispute.Status.WON: "was won: the money is back",
        Dispute.Status.LOST: "was lost: the money and the fee are gone",
    }.get(Dispute.Status(dispute.status), "was closed")
    return f"The dispute about {_charge(dispute)} {outcome}", _next_steps(dispute)


def write_unanswered(alert: Alert) -> Notice:
    dispute = _dispute(alert)
    return f"A dispute was reported that cannot be read: {dispute.dispute_id}", [
        f"Last error: {dispute.error or 'none'}",
        "Look it up at Stripe: it has a deadline that is not known here.",
        *_set_aside(dispute),
        *_next_steps(dispute),
    ]


WRITERS = {
    OPENED: write_opened,
    DUE: write_due,
    CLOSED: write_closed,
    UNANSWERED: write_unanswered,
}


def _dispute(alert: Alert) -> Dispute:
    return Dispute.objects.select_related("payment__order").get(pk=key_of(alert))


def _charge(dispute: Dispute) -> str:
    if dispute.payment:
        return f"{dispute.amount} of order {dispute.payment.order.number}"
    return f"{dispute.amount} (there is no order here)"


def _deadline(dispute: Dispute) -> list[str]:
    if dispute.due_at is None or dispute.status not in Dispute.OPEN:
        return []
    return [f"Evidence is taken until {date_and_time(dispute.due_at)}."]


def _set_aside(dispute: Dispute) -> list[str]:
    if dispute.status != Dispute.Status.SET_ASIDE:
        return []
    return [
        "Stripe does not know it: another account or mode, or a wrong key.",
        "It is read again when it is reported again, or by reconcile_payments --wake.",
    ]


def _next_steps(dispute: Dispute) -> list[str]:
    page = reverse("admin:orders_dispute_change", args=[dispute.pk])
    return next_steps(page, ANCHOR)
