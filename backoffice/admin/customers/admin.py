"""Accounts of customers: found, and shown with all that belongs to them.

Nothing is edited here. What a customer may change is on *My page*; an account is closed
on the page of its user, and erased by the flow that its customer starts.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.customers.selectors import find, read_account
from backoffice.admin.flows.links import link_to_flow
from backoffice.admin.lists.search import CappedPaginator
from flows.erasure.definition import ERASURE
from orders.models import Order
from shop.customers.models import Customer
from shop.forms.read_only import ReadOnlyAdmin
from shop.text.typed import fold

LONGEST = 255


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    list_display = ["email", "orders", "language", "created_at", "seen_at", "may_enter"]
    list_select_related = ["user"]
    search_fields = ["email"]
    search_help_text = _("Mail address, or number, name or phone of an order")
    ordering = ["-pk"]
    paginator = CappedPaginator

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        rows: QuerySet[Customer] = super().get_queryset(request)
        own = Order.objects.filter(customer_id=OuterRef("pk")).order_by()
        counted = own.values("customer_id").annotate(count=Count("pk")).values("count")
        return rows.annotate(order_count=Coalesce(Subquery(counted), 0))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        typed = fold(search_term[: 4 * LONGEST])[:LONGEST]
        return (queryset.filter(find(typed)) if typed else queryset), False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the account and what belongs to it, as far as this person may see it."""
        customer = self.get_object(request, object_id)
        may_see = customer and self.has_view_permission(request, customer)
        if customer is None or not may_see or request.method == "POST":
            return super().change_view(request, object_id, form_url, extra_context)
        account = read_account(customer, request.user)
        context = {
            **self.admin_site.each_context(request),
            "title": customer.email,
            "opts": self.opts,
            "original": customer,
            "account": account,
            "erasure_run": _erasure_run(request, customer),
        }
        return TemplateResponse(request, "admin/customers/customer/page.html", context)

    @admin.display(description=_("orders"))
    def orders(self, row: Customer) -> int:
        return int(getattr(row, "order_count", 0))

    @admin.display(description=_("last sign-in"))
    def seen_at(self, row: Customer) -> Any:
        return row.user.last_login

    @admin.display(description=_("can sign in"), boolean=True)
    def may_enter(self, row: Customer) -> bool:
        return bool(row.user.is_active)


def _erasure_run(request: HttpRequest, customer: Customer) -> str:
    """Return the link to the flow that erases the account, or ""."""
    if not request.user.has_perm(permissions.VIEW_FLOW):
        return ""
    link = link_to_flow(ERASURE.name, customer.pk)
    return "" if link == "-" else link
