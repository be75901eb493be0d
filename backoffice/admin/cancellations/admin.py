"""The list of cancellations: who asked, who decided, and what became of each."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.lists.filters import WorkFilter
from orders.models import Cancellation
from shop import formatting
from shop.forms.read_only import ReadOnlyAdmin


class DecisionFilter(WorkFilter):
    title = _("status")
    parameter_name = "status"
    work = _("needs a decision")

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [*Cancellation.Status.choices[1:], ("all", _("all"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case None:
                return queryset.open()
            case "all":
                return queryset
        return queryset.filter(status=self.value())


@admin.register(Cancellation)
class CancellationAdmin(ReadOnlyAdmin):
    list_display = ["number", "customer", "asked", "state", "reason", "decided_by"]
    list_filter = [DecisionFilter, "by_customer", "requested_at"]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__name", "decided_by"]
    search_help_text = _("Number of the order, customer, who decided")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("number", "state", "by_customer"),
                    ("requested_at", "reason"),
                    ("decided_at", "decided_by", "note"),
                    ("answer", "amount", "closed_at"),
                ]
            },
        )
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["number", "state", "amount"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cancellation]:
        rows: QuerySet[Cancellation] = super().get_queryset(request)
        return rows

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Sort undecided ones first, by age; then the newest."""
        return [F("decided_at").desc(nulls_first=True), "requested_at", "pk"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_decide = request.user.has_perm(permissions.DECIDE_CANCELLATION)
        return may_decide or super().has_view_permission(request, obj)

    @admin.display(description=_("order"), ordering="order__number")
    def number(self, row: Cancellation) -> str:
        name = (
            "admin:orders_order_cancel"
            if row.status == Cancellation.Status.REQUESTED
            else "admin:orders_order_change"
        )
        url = reverse(name, args=[row.order_id])
        return format_html('<a href="{}">{}</a>', url, row.order.number)

    @admin.display(description=_("customer"), ordering="order__name")
    def customer(self, row: Cancellation) -> str:
        return row.order.name

    @admin.display(description=_("asked"), ordering="requested_at")
    def asked(self, row: Cancellation) -> str:
        return formatting.age(row.requested_at)

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: Cancellation) -> str:
        return row.get_status_display()

    @admin.display(description=_("to be refunded"))
    def amount(self, row: Cancellation) -> str:
        return formatting.price(row.to_refund)
