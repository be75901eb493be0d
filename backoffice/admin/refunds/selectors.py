"""Read what pages about an order show of its refunds and disputes."""

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

from orders.models import Dispute, Payment


def read_refunds(payment: Payment) -> dict[str, Any]:
    """Return the template context of refunds and disputes."""
    refunds = payment.refunds.prefetch_related("lines__line")
    return {
        "refunds": list(refunds),
        "disputes": list(payment.disputes.all()),
        "refunded": payment.refunded,
        "refundable": payment.refundable,
    }


def write_payment_badges(payment: Payment) -> str:
    """Return the payment's status with badges for refunds and disputes, as HTML."""
    badges = []
    if 0 < payment.captured_minor <= payment.refunded_minor:
        badges.append(("refund-succeeded", gettext("refunded")))
    elif payment.refunded_minor:
        badges.append(("refund-succeeded", gettext("partly refunded")))
    badges += [
        (f"dispute-{dispute.status}", _dispute_badge(dispute))
        for dispute in payment.disputes.all()
    ]
    marks = format_html_join("", ' <span class="badge {}">{}</span>', badges)
    return format_html("{}{}", payment.get_status_display(), marks)


def _dispute_badge(dispute: Dispute) -> str:
    state = dispute.get_status_display()
    return gettext("disputed: %(state)s") % {"state": state}
