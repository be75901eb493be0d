"""The catalogue on the staff's pages."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from shop.catalogue import services
from shop.catalogue.models import Category, Picture, Product, Variant

if TYPE_CHECKING:
    # Django's admin classes take type parameters in their stubs only.
    VariantTable = admin.TabularInline[Variant, Product]
    PictureTable = admin.TabularInline[Picture, Product]
    ProductPages = admin.ModelAdmin[Product]
    CategoryPages = admin.ModelAdmin[Category]
    CategoryForm = ModelForm[Category]
    ProductForm = ModelForm[Product]
else:
    VariantTable = PictureTable = admin.TabularInline
    ProductPages = CategoryPages = admin.ModelAdmin
    CategoryForm = ProductForm = ModelForm


class VariantInline(VariantTable):
    model = Variant
    extra = 0
    min_num = 1
    fields = ["position", "sku", "label_en", "label_ja", "price_minor", "is_active"]


class PictureInline(PictureTable):
    model = Picture
    extra = 0
    fields = ["position", "file", "alt_en", "alt_ja"]


@admin.register(Category)
class CategoryAdmin(CategoryPages):
    list_display = ["name_en", "name_ja", "slug", "position"]
    search_fields = ["name_en", "name_ja", "slug"]
    prepopulated_fields = {"slug": ["name_en"]}

    def save_model(
        self,
        request: HttpRequest,
        obj: Category,
        form: CategoryForm,
        change: bool,
    ) -> None:
        super().save_model(request, obj, form, change)
        services.index_category(obj.pk)


@admin.register(Product)
class ProductAdmin(ProductPages):
    list_display = [
        "thumbnail",
        "name_en",
        "name_ja",
        "category",
        "prices",
        "tax_rate",
        "is_active",
        "released_at",
    ]
    list_display_links = ["name_en"]
    list_filter = ["is_active", "category", "tax_rate", "released_at"]
    list_select_related = ["category", "cover"]
    search_fields = ["search_text", "slug", "variants__sku"]
    prepopulated_fields = {"slug": ["name_en"]}
    inlines = [VariantInline, PictureInline]
    save_on_top = True
    fieldsets = [
        (
            None,
            {"fields": ["category", ("name_en", "name_ja"), "slug", "is_active"]},
        ),
        (
            _("Texts"),
            {
                "fields": [
                    ("description_en", "description_ja"),
                    ("programme_en", "programme_ja"),
                ]
            },
        ),
        (_("Selling"), {"fields": ["tax_rate", "position", "released_at"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("variants")

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: Any,
        search_term: str,
    ) -> tuple[Any, bool]:
        """Search as the shop's own search does, whatever the width, case or kana."""
        return queryset.matching(search_term), False

    def save_related(
        self,
        request: HttpRequest,
        form: ProductForm,
        formsets: Any,
        change: bool,
    ) -> None:
        super().save_related(request, form, formsets, change)
        services.index_product(form.instance.pk)

    @admin.display(description=_("picture"))
    def thumbnail(self, product: Product) -> str:
        if product.cover is None:
            return "-"
        return format_html(
            '<img src="{}" alt="" width="48" height="48">', product.cover.file.url
        )

    @admin.display(description=_("price"))
    def prices(self, product: Product) -> str:
        amounts = sorted(
            {v.price_minor: v.price for v in product.variants.all()}.items()
        )
        if not amounts:
            return "-"
        lowest, highest = amounts[0][1], amounts[-1][1]
        if lowest == highest:
            return str(lowest)
        return f"{lowest} - {highest}"
