"""The staff's list of products: picture, name, price and units in stock."""
# ruff: noqa: ARG002 (Django decides what its hooks are given)

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shop.catalogue.models import Picture, Product
from shop.catalogue.stock import counts_by_sku
from shop.formatting import price

if TYPE_CHECKING:
    Pages = admin.ModelAdmin[Product]
else:
    Pages = admin.ModelAdmin

_SIDE = 48


class ProductList(ChangeList):
    """A list of products that reads the stock of its rows with one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        skus = {row: [each.sku for each in row.variants.all()] for row in rows}
        counts = counts_by_sku(sku for found in skus.values() for sku in found)
        for row, found in skus.items():
            mine = [counts[sku] for sku in found if sku in counts]
            vars(row)["_counts"] = tuple(map(sum, zip(*mine, strict=True))) or (0, 0)
        self.result_list = cast("Any", rows)


class ProductColumns(Pages):
    """The columns of the list. Units are those of all variants together."""

    list_display = [
        *("thumbnail", "title", "category", "prices", "on_hand", "free"),
        "is_active",
    ]
    list_display_links = ["title"]
    list_select_related = ["category", "cover"]

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return ProductList

    @admin.display(description=_("picture"))
    def thumbnail(self, product: Product) -> str:
        return thumbnail_of(product.cover)

    @admin.display(description=pgettext_lazy("goods", "name"), ordering="name_en")
    def title(self, product: Product) -> str:
        return product.name

    @admin.display(description=_("price"))
    def prices(self, product: Product) -> str:
        """Return the price that counts now, or the lowest and highest."""
        prices = {each.price for each in product.variants.all()}
        if not prices:
            return "-"
        amounts = sorted(prices, key=lambda one: one.minor)
        return " - ".join(map(price, dict.fromkeys([amounts[0], amounts[-1]])))

    @admin.display(description=_("on hand"))
    def on_hand(self, product: Product) -> int:
        return _counts(product)[0]

    @admin.display(description=_("free"))
    def free(self, product: Product) -> int:
        return _counts(product)[1]


def thumbnail_of(picture: Picture | None, side: int = _SIDE) -> str:
    """Return the smallest file of a picture as an image, or a dash without one."""
    if picture is None:
        return "-"
    tag = (
        '<img src="{}" alt="" width="{}" height="{}" class="thumbnail" loading="lazy">'
    )
    return format_html(tag, picture.shown.thumbnail, side, side)


def _counts(product: Product) -> tuple[int, int]:
    return cast("tuple[int, int]", vars(product)["_counts"])
