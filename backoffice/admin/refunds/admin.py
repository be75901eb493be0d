"""The list of refunds: who asked for each, and what became of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from orders.models import Refund, RefundLine
from shop import formatting
from shop.forms.read_only import ReadOnlyAdmin, ReadOnlyInline


class RefundLineInline(ReadOnlyInline):
    model = RefundLine
    fields = ["line", "quantity", "restock"]


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = [
        "requested_at",
        "order",
        "refunded_amount",
        "state",
        "actor",
        "reason",
        "failure",
    ]
    list_filter = ["status", "requested_at"]
    list_select_related = ["payment__order"]
    search_fields = ["payment__order__number", "refund_id", "actor", "reason"]
    search_help_text = _("Order, Stripe's id of the refund, who, why")
    date_hierarchy = "requested_at"
    inlines = [RefundLineInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("order", "refunded_amount", "state"),
                    ("actor", "reason"),
                    ("requested_at", "succeeded_at", "failed_at"),
                    ("refund_id", "failure"),
                    ("poll_at", "error"),
                ]
            },
        )
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["order", "refunded_amount", "state"]

    @admin.display(description=_("order"), ordering="payment__order")
    def order(self, refund: Refund) -> str:
        order = refund.payment.order
        page = reverse("admin:orders_order_change", args=[order.pk])
        return format_html('<a href="{}">{}</a>', page, order.number)

    @admin.display(description=_("amount"), ordering="amount_minor")
    def refunded_amount(self, refund: Refund) -> str:
        return formatting.price(refund.amount)

    @admin.display(description=_("status"), ordering="status")
    def state(self, refund: Refund) -> str:
        return format_html(
            '<span class="badge refund-{}">{}</span>',
            refund.status,
            refund.get_status_display(),
        )
