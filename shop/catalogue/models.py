"""Categories, products, their variants and pictures."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from shop.catalogue.folding import fold
from shop.catalogue.pictures import stored_name, validate_picture
from shop.money import Money

NEW_FOR = timedelta(days=30)


def shop_currency() -> str:
    """Return the shop's currency. A function, so that migrations do not contain it."""
    return str(settings.CURRENCY)


def in_language(thing: models.Model, field: str, language: str | None = None) -> str:
    """Return a field in ``language`` (default: the active one), or in English."""
    code = (language or get_language() or "en")[:2]
    return str(getattr(thing, f"{field}_{code}", "") or getattr(thing, f"{field}_en"))


class Category(models.Model):
    slug = models.SlugField(_("address"), unique=True)
    name_en = models.CharField(_("name (English)"), max_length=80)
    name_ja = models.CharField(_("name (Japanese)"), max_length=80)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalogue:category", args=[self.slug])

    @property
    def name(self) -> str:
        return in_language(self, "name")


class Sort(models.TextChoices):
    """The orders a list can be shown in."""

    RECOMMENDED = "recommended", _("Recommended")
    NEWEST = "newest", _("Newest first")
    CHEAPEST = "price", _("Price: low to high")
    DEAREST = "-price", _("Price: high to low")
    NAME = "name", pgettext_lazy("order of a list", "Name")


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self) -> Self:
        """Keep products that customers see: active, with an active variant."""
        variants = Variant.objects.active().filter(product=models.OuterRef("pk"))
        return self.filter(models.Exists(variants), is_active=True)

    def matching(self, query: str) -> Self:
        """Keep products that contain every word of ``query``, compared by ``fold``."""
        found = self
        for word in fold(query).split():
            found = found.filter(search_text__contains=word)
        return found

    def sorted_by(self, sort: str) -> Self:
        if sort == Sort.NEWEST:
            return self.order_by("-released_at", "-pk")
        if sort == Sort.NAME:
            name = "name_ja" if (get_language() or "en")[:2] == "ja" else "name_en"
            return self.order_by(Lower(name), "pk")
        if sort in {Sort.CHEAPEST, Sort.DEAREST}:
            on_sale = models.Q(variants__is_active=True)
            priced = self.annotate(
                lowest_price=models.Min("variants__price_minor", filter=on_sale)
            )
            down = sort == Sort.DEAREST
            return priced.order_by("-lowest_price" if down else "lowest_price", "pk")
        return self.order_by("position", "pk")

    def for_cards(self) -> Self:
        """Fetch category and first picture, too, and leave out the long texts."""
        return self.select_related("category", "cover").defer(
            "description_en", "description_ja", "search_text"
        )

    def with_offers(self) -> Self:
        """Fetch category and active variants, too, for the page of a product."""
        return self.select_related("category").prefetch_related(
            models.Prefetch("variants", queryset=Variant.objects.active())
        )


class Product(models.Model):
    class TaxRate(models.IntegerChoices):
        STANDARD = 10, _("10 %")
        REDUCED = 8, _("8 % (food and drink)")

    slug = models.SlugField(_("address"), unique=True, max_length=80)
    category = models.ForeignKey(
        Category,
        on_delete=models.PROTECT,
        related_name="products",
        verbose_name=_("category"),
    )
    name_en = models.CharField(_("name (English)"), max_length=120)
    name_ja = models.CharField(_("name (Japanese)"), max_length=120)
    description_en = models.TextField(_("description (English)"), blank=True)
    description_ja = models.TextField(_("description (Japanese)"), blank=True)
    programme_en = models.CharField(
        _("programme (English)"), max_length=120, blank=True
    )
    programme_ja = models.CharField(
        _("programme (Japanese)"), max_length=120, blank=True
    )
    tax_rate = models.PositiveSmallIntegerField(
        _("consumption tax"), choices=TaxRate.choices, default=TaxRate.STANDARD
    )
    is_active = models.BooleanField(_("on sale"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    released_at = models.DateTimeField(_("on sale since"), default=timezone.now)
    # For lists and searches. Only services.index_product writes these two.
    search_text = models.TextField(editable=False, default="")
    cover = models.ForeignKey(
        "Picture",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("cover"),
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tax_rate__in=[8, 10]), name="product_tax_rate_known"
            ),
        ]
        indexes = [
            models.Index(fields=["is_active", "position"], name="product_shown"),
            models.Index(fields=["is_active", "-released_at"], name="product_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalogue:product", args=[self.slug])

    @property
    def name(self) -> str:
        return in_language(self, "name")

    @property
    def description(self) -> str:
        return in_language(self, "description")

    @property
    def programme(self) -> str:
        return in_language(self, "programme")

    @property
    def is_new(self) -> bool:
        return timezone.now() - self.released_at < NEW_FOR


class VariantQuerySet(models.QuerySet["Variant"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def on_sale(self) -> Self:
        """Keep variants that can be bought: active, of an active product."""
        return self.filter(is_active=True, product__is_active=True)


class Variant(models.Model):
    """One size or colour of a product, with its SKU: what is put into a cart."""

    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="variants",
        verbose_name=_("product"),
    )
    sku = models.CharField(
        _("SKU"),
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Z0-9]+(-[A-Z0-9]+)*\Z",
                _("Use capital letters, digits and single hyphens, such as MUG-01."),
            )
        ],
    )
    label_en = models.CharField(
        _("size or colour (English)"), max_length=60, blank=True
    )
    label_ja = models.CharField(
        _("size or colour (Japanese)"), max_length=60, blank=True
    )
    price_minor = models.PositiveIntegerField(
        _("price"),
        validators=[MinValueValidator(1)],
        help_text=_("Tax included, in the currency's smallest unit (yen, cents)."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, default=shop_currency, editable=False
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("on sale"), default=True)

    objects = VariantQuerySet.as_manager()

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_minor__gt=0), name="variant_price_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def label(self) -> str:
        return in_language(self, "label")

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    def name_in(self, language: str | None = None) -> str:
        """Return product and label as one name, for carts and orders."""
        name = in_language(self.product, "name", language)
        label = in_language(self, "label", language)
        return f"{name} ({label})" if label else name

    @property
    def name(self) -> str:
        return self.name_in()


class Picture(models.Model):
    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="pictures",
        verbose_name=_("product"),
    )
    file = models.FileField(
        _("file"), upload_to=stored_name, validators=[validate_picture], max_length=200
    )
    alt_en = models.CharField(
        _("description for those who cannot see it (English)"), max_length=200
    )
    alt_ja = models.CharField(
        _("description for those who cannot see it (Japanese)"), max_length=200
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.alt

    @property
    def alt(self) -> str:
        return in_language(self, "alt")
