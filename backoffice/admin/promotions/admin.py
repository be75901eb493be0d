"""Discounts and their coupon codes with figures of use, and purchase limits."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.db.models import (
    Count,
    DateTimeField,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce
from django.forms import SplitDateTimeField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.promotions.forms import CodeForm, DiscountForm
from backoffice.admin.promotions.views import DiscountPages
from checkout.promotions import codes
from checkout.promotions.models import (
    CouponCode,
    Discount,
    DiscountUse,
    PurchaseLimit,
)
from shop import database_clock
from shop.formatting import price
from shop.forms.inline_rows import LabelledDateTime
from shop.money import Money

if TYPE_CHECKING:
    CodePages = admin.ModelAdmin[CouponCode]
    LimitPages = admin.ModelAdmin[PurchaseLimit]
else:
    CodePages = LimitPages = admin.ModelAdmin

STATES = {
    Discount.State.PAUSED: _("paused"),
    Discount.State.UPCOMING: _("not started"),
    Discount.State.LIVE: _("live"),
    Discount.State.OVER: _("ended"),
}
_HELD = DiscountUse.objects.held().order_by()


@admin.action(description=_("Pause"), permissions=["change"])
def pause(pages: Any, request: HttpRequest, rows: QuerySet[Any]) -> None:
    """Pause what was chosen in the list. Orders that have it keep it."""
    count = rows.update(is_paused=True)
    text = ngettext("%(count)s is paused.", "%(count)s are paused.", count)
    pages.message_user(request, text % {"count": count})


@admin.action(description=_("End the pause"), permissions=["change"])
def resume(pages: Any, request: HttpRequest, rows: QuerySet[Any]) -> None:
    count = rows.update(is_paused=False)
    text = ngettext(
        "%(count)s can be used again.", "%(count)s can be used again.", count
    )
    pages.message_user(request, text % {"count": count})


@admin.register(Discount)
class DiscountAdmin(DiscountPages):
    """What is taken off and when. Orders keep what they were given."""

    form = DiscountForm
    list_display = [
        *("title", "benefit", "code_count", "use_count", "saved"),
        *("period", "state"),
    ]
    list_display_links = ["title"]
    list_filter = ["by_code", "kind", "is_paused"]
    search_fields = ["name_en", "name_ja", "codes__key"]
    actions = [pause, resume]
    delete_confirmation_template = "admin/delete_or_keep.html"
    formfield_overrides = {
        DateTimeField: {"form_class": SplitDateTimeField, "widget": LabelledDateTime}
    }
    fieldsets = [
        (None, {"fields": [("name_en", "name_ja"), "by_code", "is_paused"]}),
        (_("What it takes off"), {"fields": ["kind", ("percent", "amount_minor")]}),
        (
            _("Conditions"),
            {
                "fields": [
                    "least_minor",
                    ("products", "categories"),
                    "most_per_customer",
                    "is_combinable",
                    ("starts_at", "ends_at"),
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Discount]:
        mine = _HELD.filter(discount=OuterRef("pk")).values("discount")
        all_codes = CouponCode.objects.order_by().filter(discount=OuterRef("pk"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                code_total=_count_of(all_codes.values("discount")),
                use_total=_count_of(mine),
                saved_total=Coalesce(
                    Subquery(
                        mine.annotate(sum=Sum("amount_minor")).values("sum"),
                        output_field=IntegerField(),
                    ),
                    0,
                ),
            )
        )

    @admin.display(description=_("name"), ordering="name_en")
    def title(self, row: Discount) -> str:
        return row.name

    @admin.display(description=_("takes off"))
    def benefit(self, row: Discount) -> str:
        if row.kind == Discount.Kind.PERCENTAGE:
            return f"{row.percent} %"
        if row.kind == Discount.Kind.AMOUNT:
            return price(Money(row.amount_minor or 0, settings.CURRENCY))
        return str(row.get_kind_display())

    @admin.display(description=_("codes"), ordering="code_total")
    def code_count(self, row: Discount) -> str:
        if not row.by_code:
            return gettext("automatic")
        return str(getattr(row, "code_total", 0))

    @admin.display(description=_("period"), ordering="starts_at")
    def period(self, row: Discount) -> str:
        return f"{_day(row.starts_at)} - {_day(row.ends_at)}"

    @admin.display(description=_("state"))
    def state(self, row: Discount) -> str:
        return str(STATES[row.state_at(database_clock.read())])

    @admin.display(description=_("orders with it"), ordering="use_total")
    def use_count(self, row: Discount) -> int:
        return int(getattr(row, "use_total", 0))

    @admin.display(description=_("customers saved"), ordering="saved_total")
    def saved(self, row: Discount) -> str:
        minor = int(getattr(row, "saved_total", 0))
        return price(Money(minor, settings.CURRENCY))


@admin.register(CouponCode)
class CouponCodeAdmin(CodePages):
    """Codes with their limit and uses; each can be paused alone."""

    form = CodeForm
    fields = ["code", "discount", "most", "is_paused"]
    list_display = ["code", "discount", "uses", "batch", "is_paused"]
    list_filter = ["is_paused", "discount"]
    list_select_related = ["discount"]
    search_fields = ["key"]
    search_help_text = _("Any part of a code, with or without hyphens")
    actions = [pause, resume]
    delete_confirmation_template = "admin/delete_or_keep.html"
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Search as codes are compared: in any width and case, without hyphens."""
        key = codes.key_of(search_term)
        return (queryset.filter(key__contains=key) if key else queryset), False

    def save_model(
        self, request: HttpRequest, obj: CouponCode, form: CodeForm, change: bool
    ) -> None:
        """Save what the form has, and never the count of uses, which orders move."""
        obj.key = codes.key_of(obj.code)
        if change:
            obj.save(update_fields=["code", "key", "discount", "most", "is_paused"])
        else:
            super().save_model(request, obj, form, change)

    @admin.display(description=_("used"), ordering="used")
    def uses(self, row: CouponCode) -> str:
        if row.most is None:
            return str(row.used)
        return gettext("%(used)s of %(most)s") % {"used": row.used, "most": row.most}


@admin.register(PurchaseLimit)
class PurchaseLimitAdmin(LimitPages):
    """How many units of a product one customer may have."""

    list_display = ["product", "most", "period"]
    list_select_related = ["product"]
    search_fields = ["product__name_en", "product__name_ja", "product__slug"]

    @admin.display(description=_("counted over"), ordering="days")
    def period(self, row: PurchaseLimit) -> str:
        if row.days is None:
            return gettext("all orders")
        text = ngettext("the last %(days)s day", "the last %(days)s days", row.days)
        return text % {"days": row.days}


def _day(when: datetime | None) -> str:
    if when is None:
        return ""
    return date_format(timezone.localtime(when), "SHORT_DATE_FORMAT")


def _count_of(rows: Any) -> Coalesce:
    counted = rows.annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
