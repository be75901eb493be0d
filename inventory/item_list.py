"""The staff's list of the stock: the goods of each SKU, their price and counts."""
# ruff: noqa: ARG002 (Django decides what its hooks are given)

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory.models import StockItem
from shop.catalogue.models import Product, Variant
from shop.catalogue.product_list import thumbnail_of
from shop.formatting import price

if TYPE_CHECKING:
    Pages = admin.ModelAdmin[StockItem]
else:
    Pages = admin.ModelAdmin


class LowFilter(admin.SimpleListFilter):
    title = _("free units")
    parameter_name = "free"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("low", _("low")),
            ("none", _("none")),
            ("awaited", _("announced for pre-orders")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "low":
            return queryset.filter(on_hand__lte=F("held") + F("low_at"))
        if self.value() == "none":
            return queryset.filter(on_hand__lte=F("held"))
        if self.value() == "awaited":
            return queryset.filter(awaited__gt=0)
        return queryset


class ItemList(ChangeList):
    """A list of stock items that reads the variants of its rows with one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        variants = Variant.objects.priced().select_related("product__cover")
        by_sku = {
            each.sku: each
            for each in variants.filter(sku__in=[row.sku for row in rows])
        }
        for row in rows:
            vars(row)["_variant"] = by_sku.get(row.sku)
        self.result_list = cast("Any", rows)


class ItemColumns(Pages):
    """The columns of the list. A SKU that left the catalogue has counts only."""

    list_display = [
        *("thumbnail", "sku", "title", "shelf", "on_hand", "held", "free_units"),
        *("level", "price"),
    ]
    list_display_links = ["sku"]
    search_fields = ["sku", "shelf"]

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return ItemList

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockItem]:
        return super().get_queryset(request).annotate(free_now=F("on_hand") - F("held"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StockItem], search_term: str
    ) -> tuple[QuerySet[StockItem], bool]:
        """Search SKU and shelf, and products as the shop's own search does."""
        if not search_term:
            return queryset, False
        products = Product.objects.matching(search_term)
        named = Variant.objects.filter(product__in=products)
        found = (
            Q(sku__icontains=search_term)
            | Q(shelf__icontains=search_term)
            | Q(sku__in=named.values("sku"))
        )
        return queryset.filter(found), False

    @admin.display(description=_("picture"))
    def thumbnail(self, item: StockItem) -> str:
        variant = _variant(item)
        return thumbnail_of(variant.product.cover if variant else None)

    @admin.display(description=pgettext_lazy("goods", "name"))
    def title(self, item: StockItem) -> str:
        variant = _variant(item)
        return variant.name if variant else "-"

    @admin.display(description=_("price"))
    def price(self, item: StockItem) -> str:
        variant = _variant(item)
        return price(variant.price) if variant else "-"

    @admin.display(description=_("free"), ordering="free_now")
    def free_units(self, item: StockItem) -> int:
        return item.free

    @admin.display(description=_("level"))
    def level(self, item: StockItem) -> str:
        if item.free <= 0:
            return format_html('<span class="badge none">{}</span>', _("none free"))
        if item.free <= item.low_at:
            return format_html('<span class="badge low">{}</span>', _("low"))
        return format_html('<span class="badge fine">{}</span>', _("enough"))


def _variant(item: StockItem) -> Variant | None:
    return cast("Variant | None", vars(item)["_variant"])
