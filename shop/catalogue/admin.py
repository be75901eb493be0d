"""The catalogue on the staff's pages."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import DateTimeField, Prefetch
from django.forms import DateTimeField as DateTimeFormField
from django.forms import ModelForm, SplitDateTimeField
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop import database_clock
from shop.catalogue import services
from shop.catalogue.errors import SkuKnownToStock
from shop.catalogue.forms import PictureForm, VariantForm, VariantFormSet
from shop.catalogue.goods_inlines import PartInline, RelatedInline
from shop.catalogue.models import (
    Category,
    HomeBanner,
    Option,
    OptionValue,
    Picture,
    PriceChange,
    Product,
    Variant,
)
from shop.catalogue.price_history import hardly_asked, record_prices
from shop.catalogue.product_list import ProductColumns, thumbnail_of
from shop.formatting import moment, price
from shop.forms.inline_rows import LabelledDateTime, LabelledRows, MinuteInput

if TYPE_CHECKING:
    # Django's admin classes take type parameters in their stubs only.
    VariantRows = admin.StackedInline[Variant, Product]
    PictureTable = admin.TabularInline[Picture, Product]
    OptionValueTable = admin.TabularInline[OptionValue, Option]
    OptionPages = admin.ModelAdmin[Option]
    OptionForm = ModelForm[Option]
    CategoryPages = admin.ModelAdmin[Category]
    BannerPages = admin.ModelAdmin[HomeBanner]
    CategoryForm = ModelForm[Category]
    ProductForm = ModelForm[Product]
else:
    VariantRows = admin.StackedInline
    PictureTable = OptionValueTable = admin.TabularInline
    CategoryPages = OptionPages = BannerPages = admin.ModelAdmin
    CategoryForm = ProductForm = OptionForm = ModelForm

# Changes of prices on the page of a product.
_RECENT = 30


class VariantInline(VariantRows):
    model = Variant
    form = VariantForm
    formset = VariantFormSet
    extra = 0
    min_num = 1
    formfield_overrides = {
        DateTimeField: {"form_class": DateTimeFormField, "widget": MinuteInput}
    }
    # More columns than a table has room for.
    fields = [
        ("sku", "position", "is_active"),
        ("price_minor", "sale_minor", "sale_from", "sale_until"),
        ("value_1", "value_2", "value_3"),
        ("label_en", "label_ja", "weight_grams", "picture"),
    ]


class OptionValueInline(OptionValueTable):
    model = OptionValue
    formset = LabelledRows
    extra = 0
    fields = ["position", "name_en", "name_ja"]


@admin.register(Option)
class OptionAdmin(OptionPages):
    list_display = ["name_en", "name_ja", "position"]
    search_fields = ["name_en", "name_ja"]
    inlines = [OptionValueInline]

    def save_related(
        self, request: HttpRequest, form: OptionForm, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        services.index_option(form.instance.pk)


class PictureInline(PictureTable):
    model = Picture
    form = PictureForm
    formset = LabelledRows
    extra = 0
    fields = ["position", "thumbnail", "file", "alt_en", "alt_ja"]
    readonly_fields = ["thumbnail"]

    @admin.display(description=_("picture"))
    def thumbnail(self, picture: Picture) -> str:
        return thumbnail_of(picture, 72) if picture.pk else "-"


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
        services.keep_address(obj, str(form.initial.get("slug", obj.slug)))
        services.index_category(obj.pk)


@admin.register(HomeBanner)
class HomeBannerAdmin(BannerPages):
    list_display = ["__str__", "is_active", "starts_at", "ends_at", "position"]
    formfield_overrides = {
        DateTimeField: {
            "form_class": SplitDateTimeField,
            "widget": LabelledDateTime,
        }
    }
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("eyebrow_en", "eyebrow_ja"),
                    ("title_en", "title_ja"),
                    ("text_en", "text_ja"),
                    ("button_en", "button_ja"),
                    "link",
                ]
            },
        ),
        (_("Shown"), {"fields": ["is_active", "starts_at", "ends_at", "position"]}),
    ]


@admin.register(Product)
class ProductAdmin(ProductColumns):
    list_filter = ["is_active", "is_featured", "category", "tax_rate", "released_at"]
    search_fields = ["search_text", "slug", "variants__sku"]
    prepopulated_fields = {"slug": ["name_en"]}
    inlines = [VariantInline, PictureInline, RelatedInline, PartInline]
    readonly_fields = ["price_history"]
    formfield_overrides = {
        DateTimeField: {
            "form_class": SplitDateTimeField,
            "widget": LabelledDateTime,
        }
    }
    save_on_top = True
    # Nor can several be deleted at once: each is refused for reasons of its own.
    actions = None
    delete_confirmation_template = "admin/delete_or_keep.html"
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
        (
            _("Selling"),
            {
                "fields": [
                    "tax_rate",
                    "most_per_order",
                    "position",
                    "is_featured",
                    "released_at",
                    "release_on",
                ]
            },
        ),
        (
            _("Price history"),
            {"fields": ["price_history"], "classes": ["collapse"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("variants", queryset=Variant.objects.priced()))
        )

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
        product = form.instance
        services.keep_address(product, str(form.initial.get("slug", product.slug)))
        services.index_product(product.pk)
        record_prices(product, request.user.get_username())
        for variant in hardly_asked(product, database_clock.read()):
            self.message_user(request, _invented(variant), messages.WARNING)
        reason = _hidden_because(product)
        if reason:
            self.message_user(request, reason, messages.WARNING)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name as protected whatever the stock knows. Called in a transaction."""
        gone, counts, lacking, kept = super().get_deleted_objects(objs, request)
        try:
            services.refuse_known_to_stock(Variant.objects.filter(product__in=objs))
        except SkuKnownToStock as refusal:
            kept = [refusal.sentence, *kept]
        return gone, counts, lacking, kept

    @admin.display(description=_("changes of prices"))
    def price_history(self, product: Product) -> str:
        """Return the last changes, newest first."""
        rows = list(product.price_changes.all()[:_RECENT]) if product.pk else []
        return (
            format_html_join(
                SafeString("<br>"), "{}", [[_written(row)] for row in rows]
            )
            or "-"
        )


def _written(row: PriceChange) -> str:
    """Return one change: when, which variant, what it costs from then on, and who."""
    prices = price(row.price)
    if row.sale is not None:
        times = [
            moment(when) if when else "" for when in (row.sale_from, row.sale_until)
        ]
        values = {"price": price(row.sale), "begins": times[0], "ends": times[1]}
        sale = gettext("sale %(price)s (%(begins)s – %(ends)s)")  # noqa: RUF001
        prices = f"{prices}, {sale % values}"
    who = f" ({row.actor})" if row.actor else ""
    return f"{moment(row.changed_at)}  {row.sku}: {prices}{who}"


def _invented(variant: Variant) -> str:
    text = gettext(
        "%(sku)s: %(price)s was asked for less than two weeks, or for less than half "
        "of the eight weeks before the sale. Shown struck through, it may break the "
        "law on misleading prices."
    )
    return text % {"sku": variant.sku, "price": price(variant.regular_price)}


def _hidden_because(product: Product) -> str:
    """Return why customers do not see a product that was saved; "" if they do."""
    if not product.is_active:
        return ""
    if not product.is_published:
        text = gettext("Customers will see it from %(moment)s on.")
        return text % {"moment": moment(product.released_at)}
    if not product.variants.active().exists():
        return gettext("Customers do not see it: none of its variants is on sale.")
    return ""
