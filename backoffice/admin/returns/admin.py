"""The list of returns: what comes back, where each is, and what can be done."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.lists.filters import WorkFilter
from backoffice.admin.returns.actions import list_actions
from backoffice.admin.returns.views import ReturnPages
from backoffice.wording import write_goods
from orders.models import Exchange, Parcel, Return, ReturnLine
from shop import formatting
from shop.forms.read_only import ReadOnlyInline

# The order of the list: what staff have to do comes first.
_WORK = (Return.Status.REQUESTED, Return.Status.RECEIVED, Return.Status.EXCHANGE)
_FIRST = (*_WORK, Return.Status.APPROVED)


class ReturnFilter(WorkFilter):
    title = _("status")
    parameter_name = "status"
    work = _("needs staff")

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [*Return.Status.choices, ("all", _("all"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case None:
                return queryset.filter(status__in=_WORK)
            case "all":
                return queryset
        return queryset.filter(status=self.value())


class ReturnLineInline(ReadOnlyInline):
    model = ReturnLine
    fields = [
        *("article", "quantity", "restocked", "scrapped", "sent_back"),
        *("exchanged", "resent"),
    ]
    readonly_fields = ["article"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReturnLine]:
        rows: QuerySet[ReturnLine] = super().get_queryset(request)
        return rows.select_related("line", "substitute")

    @admin.display(description=_("article"))
    def article(self, row: ReturnLine) -> str:
        return f"{row.goods.sku}, {row.goods.name}"


class ExchangeInline(ReadOnlyInline):
    """What was sent again; a dropped exchange stays in the list."""

    model = Exchange
    fields = ["number", "state", "requested_at", "requested_by", "packer"]
    fields += ["parcel_count", "sent_at"]
    readonly_fields = ["state"]

    @admin.display(description=_("status"))
    def state(self, exchange: Exchange) -> str:
        return exchange.state_text


@admin.register(Return)
class ReturnAdmin(ReturnPages):
    list_display = ["goods", "number", "customer", "state", "why", "asked"]
    list_filter = [ReturnFilter, "reason", "by_customer", "requested_at"]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__name", "lines__line__sku"]
    search_help_text = _("Number of the order, customer, SKU")
    inlines = [ReturnLineInline, ExchangeInline]
    change_form_template = "admin/orders/return/change_form.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("number", "state", "by_customer"),
                    ("requested_at", "why", "comment"),
                    "picture",
                    ("decided_at", "decided_by", "note"),
                    ("received_at", "received_by"),
                    ("closed_at", "closed_by", "refund", "answer"),
                ]
            },
        )
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["number", "state", "why", "picture"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Return]:
        rows: QuerySet[Return] = super().get_queryset(request)
        return rows.prefetch_related("lines__line", "lines__substitute")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Sort what needs staff first, by age; then the newest."""
        places = [When(status=each, then=Value(at)) for at, each in enumerate(_FIRST)]
        last = Value(len(_FIRST))
        return [Case(*places, default=last, output_field=IntegerField()), "-pk"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_handle = request.user.has_perm(permissions.HANDLE_RETURN)
        return may_handle or super().has_view_permission(request, obj)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        returned = self.get_object(request, object_id)
        context = {**(extra_context or {})}
        if returned:
            may_handle = request.user.has_perm(permissions.HANDLE_RETURN)
            context["ways"] = list_actions(returned) if may_handle else []
            context["is_owed"] = returned.status == Return.Status.RECEIVED
            context["sent_again"] = _parcels(returned)
            context["subtitle"] = returned.order.number
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=_("order"), ordering="order__number")
    def number(self, returned: Return) -> str:
        url = reverse("admin:orders_order_change", args=[returned.order_id])
        return format_html('<a href="{}">{}</a>', url, returned.order.number)

    @admin.display(description=_("customer"), ordering="order__name")
    def customer(self, returned: Return) -> str:
        return returned.order.name

    @admin.display(description=_("items"))
    def goods(self, returned: Return) -> str:
        rows = returned.lines.all()
        return write_goods(sorted((row.goods.sku, row.quantity) for row in rows))

    @admin.display(description=_("status"), ordering="status")
    def state(self, returned: Return) -> str:
        return returned.get_status_display()

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, returned: Return) -> str:
        return returned.get_reason_display()

    @admin.display(description=_("photo"))
    def picture(self, returned: Return) -> str:
        if not returned.has_photo:
            return "-"
        url = reverse("admin:orders_return_photo", args=[returned.pk])
        image = '<a href="{0}"><img src="{0}" alt="{1}" width="240"></a>'
        return format_html(image, url, _("What the customer photographed"))

    @admin.display(description=_("asked"), ordering="requested_at")
    def asked(self, returned: Return) -> str:
        return formatting.age(returned.requested_at)


def _parcels(returned: Return) -> QuerySet[Parcel]:
    """Return the parcels of its exchange that have left, the first at the top."""
    rows = Parcel.objects.filter(exchange__returned=returned).order_by("number")
    goods = ("lines__line", "lines__substitute")
    return rows.select_related("exchange").prefetch_related(*goods)
