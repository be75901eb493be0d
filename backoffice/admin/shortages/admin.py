"""The list of shortages: paid orders with missing goods, and what each waits for."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.lists.filters import WorkFilter
from backoffice.admin.shortages import actions
from backoffice.admin.shortages.views import DecisionPages
from backoffice.previews.shortage import day
from backoffice.wording import write_goods
from orders.models import Shortage, ShortageLine
from shop import formatting
from shop.forms.read_only import ReadOnlyInline
from shop.money import Money


class NeedFilter(WorkFilter):
    title = _("what is needed")
    parameter_name = "need"
    work = _("anything")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("decision", _("a decision")),
            ("goods", _("the goods")),
            ("refund", _("a refund")),
            ("all", _("all")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "all":
                return queryset
            case "decision":
                return queryset.filter(status=Shortage.Status.OPEN)
            case "goods":
                return queryset.filter(status=Shortage.Status.WAITING)
            case "refund":
                return queryset.owing()
        return queryset.needing_staff()


class MissingInline(ReadOnlyInline):
    model = ShortageLine
    fields = ["missing", "quantity", "in_place"]
    readonly_fields = ["missing", "in_place"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShortageLine]:
        rows: QuerySet[ShortageLine] = super().get_queryset(request)
        return rows.select_related("shortage", "line", "substitute", "instead")

    @admin.display(description=_("missing"))
    def missing(self, row: ShortageLine) -> str:
        return row.goods.sku

    @admin.display(description=_("sent in its place"))
    def in_place(self, row: ShortageLine) -> str:
        """Return the substitute, offered or sent, and its unit price."""
        instead = getattr(row, "instead", None)
        if instead is None:
            return "-"
        price = formatting.price(Money(instead.unit_minor, row.shortage.currency))
        text = f"{instead}, {price}"
        if row.shortage.choice == Shortage.Choice.SUBSTITUTE:
            return text
        return gettext("%(goods)s (only offered)") % {"goods": text}


@admin.register(Shortage)
class ShortageAdmin(DecisionPages):
    list_display = ["missing", "number", "state", "waits_for", "age", "decided"]
    list_filter = [NeedFilter, "choice", "by_customer", "recorded_at"]
    list_select_related = ["order"]
    search_fields = ["order__number", "lines__line__sku", "lines__instead__sku"]
    search_help_text = _("Number of the order, or SKU")
    inlines = [MissingInline]
    change_form_template = "admin/orders/shortage/change_form.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("number", "state", "waits_for"),
                    ("recorded_at", "recorded_by", "note"),
                    ("asked_at", "asked_by"),
                    ("choice", "decided", "decided_at"),
                    ("reason", "promised", "expected_on"),
                ]
            },
        )
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["number", "state", "waits_for", "decided", "promised"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shortage]:
        rows: Any = super().get_queryset(request)
        found: QuerySet[Shortage] = rows.with_refunds().prefetch_related(
            "lines__line", "lines__substitute"
        )
        return found

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Sort undecided ones first, by age; then waiting ones; then the newest."""
        newest = F("closed_at").desc(nulls_first=True)
        return [newest, "choice", "recorded_at", "pk"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_settle = request.user.has_perm(permissions.SETTLE_SHORTAGE)
        return may_settle or super().has_view_permission(request, obj)

    @admin.display(description=_("order"), ordering="order")
    def number(self, shortage: Shortage) -> str:
        page = reverse("admin:orders_order_change", args=[shortage.order_id])
        return format_html('<a href="{}">{}</a>', page, shortage.order.number)

    @admin.display(description=_("missing"))
    def missing(self, shortage: Shortage) -> str:
        lines = shortage.lines.all()
        return write_goods(sorted((row.goods.sku, row.quantity) for row in lines))

    @admin.display(description=_("status"), ordering="status")
    def state(self, shortage: Shortage) -> str:
        look = {"open": "none", "waiting": "low"}.get(shortage.status, "fine")
        text = shortage.get_status_display()
        return format_html('<span class="badge {}">{}</span>', look, text)

    @admin.display(description=_("waits for"))
    def waits_for(self, shortage: Shortage) -> str:
        """Return what has to happen next, and who does it."""
        if shortage.status == Shortage.Status.OPEN and shortage.asked_at:
            asked = {"age": formatting.age(shortage.asked_at)}
            return gettext("the customer, asked: %(age)s") % asked
        if shortage.status == Shortage.Status.OPEN:
            return gettext("staff to decide")
        if shortage.status == Shortage.Status.WAITING and shortage.expected_on:
            until = gettext("the goods, by %(day)s") % {
                "day": day(shortage.expected_on)
            }
            is_late = shortage.expected_on < timezone.localdate()
            return format_html(
                '<span class="{}">{}</span>', "late" if is_late else "", until
            )
        owed = Money(
            max(0, shortage.refund_minor - getattr(shortage, "back", 0)),
            shortage.currency,
        )
        if not owed:
            return gettext("nobody")
        return gettext("a refund of %(amount)s") % {"amount": formatting.price(owed)}

    @admin.display(description=_("found"), ordering="recorded_at")
    def age(self, shortage: Shortage) -> str:
        return formatting.age(shortage.recorded_at)

    @admin.display(description=_("decided by"), ordering="decided_by")
    def decided(self, shortage: Shortage) -> str:
        if not shortage.choice:
            return "-"
        who = gettext("the customer") if shortage.by_customer else shortage.decided_by
        return f"{shortage.get_choice_display()} ({who})"

    @admin.display(description=_("to be refunded"))
    def promised(self, shortage: Shortage) -> str:
        return formatting.price(shortage.refund)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shortage = self.get_object(request, object_id)
        context = {**(extra_context or {})}
        if shortage:
            context["ways"] = [
                (name, actions.title_of(name))
                for name in actions.list_actions(shortage)
                if request.user.has_perm(actions.permission_for(name))
            ]
            context |= {"owed": shortage.owed, "subtitle": shortage.order.number}
        return super().change_view(request, object_id, form_url, context)
