"""The list of disputes: what the bank asks, by when, and how each ended."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from backoffice.stripe_pages import dispute_url
from checkout.status.dispute_reasons import dispute_reason
from orders.models import Dispute
from shop import database_clock, formatting
from shop.forms.read_only import ReadOnlyAdmin

SOON_DAYS = 2


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = [
        "dispute_id",
        "order",
        "disputed_amount",
        "why",
        "state",
        "answer_by",
        "reported_at",
    ]
    list_filter = ["status", "is_inquiry"]
    list_select_related = ["payment__order"]
    search_fields = ["dispute_id", "intent_id", "charge_id", "payment__order__number"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("dispute_id", "order", "at_stripe"),
                    ("state", "is_inquiry", "answer_by"),
                    ("disputed_amount", "why"),
                    ("reported_at", "closed_at"),
                    ("intent_id", "charge_id"),
                    ("poll_at", "error"),
                ]
            },
        )
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["order", "at_stripe", "state", "answer_by", "disputed_amount", "why"]

    @admin.display(description=_("order"), ordering="payment__order")
    def order(self, dispute: Dispute) -> str:
        if dispute.payment is None:
            return gettext("no order here")
        order = dispute.payment.order
        page = reverse("admin:orders_order_change", args=[order.pk])
        return format_html('<a href="{}">{}</a>', page, order.number)

    @admin.display(description=_("amount"), ordering="amount_minor")
    def disputed_amount(self, dispute: Dispute) -> str:
        return formatting.price(dispute.amount) if dispute.currency else "-"

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, dispute: Dispute) -> str:
        return dispute_reason(dispute.reason)

    @admin.display(description=_("status"), ordering="status")
    def state(self, dispute: Dispute) -> str:
        return format_html(
            '<span class="badge dispute-{}">{}</span>',
            dispute.status,
            dispute.get_status_display(),
        )

    @admin.display(description=_("answer by"), ordering="due_at")
    def answer_by(self, dispute: Dispute) -> str:
        """Return the deadline and, while an answer is due, the days left."""
        if dispute.due_at is None:
            return "-"
        due = formatting.moment(dispute.due_at)
        if dispute.status != Dispute.Status.NEEDS_RESPONSE:
            return due
        days = (dispute.due_at - database_clock.read()).days
        if days < 0:
            return format_html('<strong class="late">{}</strong>', due)
        left = ngettext("%(count)d day left", "%(count)d days left", days)
        look = "late" if days < SOON_DAYS else "quiet"
        text = left % {"count": days}
        return format_html('{} <strong class="{}">{}</strong>', due, look, text)

    @admin.display(description=_("at Stripe"))
    def at_stripe(self, dispute: Dispute) -> str:
        page = dispute_url(dispute.dispute_id)
        label = gettext("Answer there")
        return format_html('<a href="{}" rel="noreferrer">{}</a>', page, label)
