"""Products."""

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from shop import database_clock
from shop.catalogue.folding import fold
from shop.catalogue.models.address import ADDRESS_HINT
from shop.catalogue.models.category import Category
from shop.catalogue.models.languages import in_language
from shop.catalogue.models.price import PriceNow
from shop.catalogue.models.release import published
from shop.catalogue.models.variant import Variant
from shop.catalogue.models.window import InShopWindow

NEW_FOR = timedelta(days=30)
MOST_PER_ORDER = 99
# Only a release so close is looked up by the database's clock, so that a cart of goods
# that have long been on sale costs no query more.
_CLOCKS_DIFFER = timedelta(days=1)


class Sort(models.TextChoices):
    """The orders a list can be shown in."""

    RECOMMENDED = "recommended", _("Recommended")
    NEWEST = "newest", _("Newest first")
    CHEAPEST = "price", _("Price: low to high")
    DEAREST = "-price", _("Price: high to low")
    NAME = "name", pgettext_lazy("order of a list", "Name")


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self) -> Self:
        """Keep products that customers see: released, active, with active variants."""
        variants = Variant.objects.active().filter(product=models.OuterRef("pk"))
        return self.filter(models.Exists(variants), published())

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
                lowest_price=models.Min(PriceNow("variants__"), filter=on_sale)
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
            models.Prefetch(
                "variants", queryset=Variant.objects.active().priced().with_options()
            )
        )


class Product(models.Model):
    class TaxRate(models.IntegerChoices):
        STANDARD = 10, _("10 %")
        REDUCED = 8, _("8 % (food and drink)")

    slug = models.SlugField(
        _("URL slug"), unique=True, max_length=80, help_text=ADDRESS_HINT
    )
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
    is_featured = models.BooleanField(
        _("featured"),
        default=False,
        db_default=False,
        help_text=_("Among the first goods of the home page, by position."),
    )
    most_per_order = models.PositiveSmallIntegerField(
        _("most per order"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PER_ORDER)],
        help_text=_("Of all sizes and colours together. Empty: the shop's own limit."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    released_at = models.DateTimeField(
        _("on sale from"),
        default=database_clock.read,
        help_text=_("Before this time customers neither see nor buy it."),
    )
    release_on = models.DateField(
        _("release date"),
        null=True,
        blank=True,
        help_text=_(
            "Before this day it is a pre-order: it can be ordered, and is sent from "
            "this day on. Announce how many under Stock. Empty: it is sent at once."
        ),
    )
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
            models.CheckConstraint(
                condition=models.Q(most_per_order__isnull=True)
                | models.Q(most_per_order__range=(1, MOST_PER_ORDER)),
                name="product_most_per_order",
            ),
            InShopWindow(name="product_in_shop_window"),
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
    def order_limit(self) -> int:
        """How many units one order may have, of all variants together."""
        return min(self.most_per_order or settings.MOST_PER_ORDER, MOST_PER_ORDER)

    @property
    def is_new(self) -> bool:
        return timezone.now() - self.released_at < NEW_FOR

    @property
    def preorder_date(self) -> date | None:
        """Return from when it is sent, while that is a day to come; else None."""
        if self.release_on is None:
            return None
        today = timezone.localdate()
        if abs(today - self.release_on) <= _CLOCKS_DIFFER:
            today = database_clock.read_day()
        return self.release_on if self.release_on > today else None

    @property
    def is_published(self) -> bool:
        """Return what ``published`` asks, for a product that was read already."""
        now = timezone.now()
        if abs(now - self.released_at) < _CLOCKS_DIFFER:
            now = database_clock.read()
        return self.is_active and self.released_at <= now
