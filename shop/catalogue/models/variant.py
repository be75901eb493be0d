"""Variants of products: what is put into a cart, and what it costs."""

from typing import Self

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.languages import in_language
from shop.catalogue.models.option import MOST_OPTIONS, OptionValue
from shop.catalogue.models.price import PriceNow
from shop.catalogue.models.release import published
from shop.catalogue.models.window import InShopWindow
from shop.database.money_column import MoneyColumn
from shop.money import Money

_VALUES = [f"value_{number}" for number in range(1, MOST_OPTIONS + 1)]
_WEIGHT_HINT = _("Packed. Shipping methods are priced and limited by it.")


def shop_currency() -> str:
    """Return the shop's currency. A function, so that migrations do not contain it."""
    return str(settings.CURRENCY)


class VariantQuerySet(models.QuerySet["Variant"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def on_sale(self) -> Self:
        """Keep variants that can be bought: active, of a published product."""
        return self.filter(published("product__"), is_active=True)

    def with_options(self) -> Self:
        """Read options, values and the picture with each variant."""
        options = [f"{name}__option" for name in _VALUES]
        return self.select_related("picture", *options)

    def priced(self) -> Self:
        """Read the price that counts now with each variant."""
        return self.annotate(price_now=PriceNow())


class Variant(models.Model):
    """One size or colour of a product, with its SKU: what is put into a cart."""

    product = models.ForeignKey(
        "catalogue.Product",
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
        help_text=_("It cannot be changed once the stock knows it."),
    )
    label_en = models.CharField(
        _("size or colour (English)"), max_length=60, blank=True
    )
    label_ja = models.CharField(
        _("size or colour (Japanese)"), max_length=60, blank=True
    )
    value_1 = models.ForeignKey(
        OptionValue,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("1st option"),
        help_text=_("The values of its options are the name of the variant."),
    )
    value_2 = models.ForeignKey(
        OptionValue,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("2nd option"),
    )
    value_3 = models.ForeignKey(
        OptionValue,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("3rd option"),
    )
    picture = models.ForeignKey(
        "catalogue.Picture",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture"),
        help_text=_("One of those below. Empty: the first."),
    )
    price_minor = MoneyColumn(
        _("price"),
        validators=[MinValueValidator(1)],
        help_text=_("Tax included."),
    )
    sale_minor = MoneyColumn(
        _("sale price"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "Tax included. While the sale lasts, the price is shown beside it, struck "
            "through: it must be what you really asked before."
        ),
    )
    sale_from = models.DateTimeField(
        _("sale begins"), null=True, blank=True, help_text=_("Empty: at once.")
    )
    sale_until = models.DateTimeField(
        _("sale ends"),
        null=True,
        blank=True,
        help_text=_("From this moment on the price counts again. Empty: never."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, default=shop_currency, editable=False
    )
    weight_grams = models.PositiveIntegerField(
        _("weight in grams"), default=0, db_default=0, help_text=_WEIGHT_HINT
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
            models.CheckConstraint(
                condition=models.Q(sale_minor__isnull=True)
                | models.Q(sale_minor__gt=0, sale_minor__lt=models.F("price_minor")),
                name="variant_sale_below_price",
                violation_error_message=_(
                    "The sale price must be lower than the price."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(sale_from__isnull=True)
                | models.Q(sale_until__isnull=True)
                | models.Q(sale_from__lt=models.F("sale_until")),
                name="variant_sale_ends_after_it_begins",
                violation_error_message=_("The sale must end after it begins."),
            ),
            models.CheckConstraint(
                condition=models.Q(value_2__isnull=True)
                | models.Q(value_1__isnull=False),
                name="variant_first_option_first",
                violation_error_message=_("Choose the 1st option first."),
            ),
            models.CheckConstraint(
                condition=models.Q(value_3__isnull=True)
                | models.Q(value_2__isnull=False),
                name="variant_second_option_second",
                violation_error_message=_("Choose the 2nd option first."),
            ),
            *(
                models.UniqueConstraint(
                    fields=["product", *_VALUES[: count + 1]],
                    condition=models.Q(
                        **{f"{name}__isnull": False for name in _VALUES[: count + 1]},
                        **{f"{name}__isnull": True for name in _VALUES[count + 1 :]},
                    ),
                    name=f"variant_once_by_{count + 1}_options",
                    violation_error_message=_("Another variant has the same options."),
                )
                for count in range(MOST_OPTIONS)
            ),
            InShopWindow(name="variant_in_shop_window"),
        ]
        # Read for every guest's page: the last of them that has passed.
        indexes = [
            models.Index(
                fields=["sale_from"],
                condition=models.Q(sale_from__isnull=False),
                name="variant_sale_begins",
            ),
            models.Index(
                fields=["sale_until"],
                condition=models.Q(sale_until__isnull=False),
                name="variant_sale_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def label(self) -> str:
        return in_language(self, "label")

    @property
    def values(self) -> list[OptionValue]:
        """The values of its options, in their order; none: it has a label only."""
        found = (self.value_1, self.value_2, self.value_3)
        return [value for value in found if value is not None]

    @property
    def regular_price(self) -> Money:
        """The price when there is no sale."""
        return Money(self.price_minor, self.currency)

    @property
    def price(self) -> Money:
        """The price that counts now, or when ``priced`` read the variant.

        Costs a query if ``priced`` did not and there may be a sale.
        """
        if self.sale_minor is None:
            return self.regular_price
        read = getattr(self, "price_now", None)
        if read is None:
            row = Variant.objects.filter(pk=self.pk)
            read = row.values_list(PriceNow(), flat=True).get()
        return Money(read, self.currency)

    @property
    def price_before(self) -> Money | None:
        """The regular price while there is a sale, to be shown struck through."""
        return self.regular_price if self.price < self.regular_price else None

    @property
    def is_on_sale(self) -> bool:
        """Return what ``VariantQuerySet.on_sale`` asks; reads the product."""
        return self.is_active and self.product.is_published

    def name_in(self, language: str | None = None) -> str:
        """Return product and label as one name, for carts and orders."""
        name = in_language(self.product, "name", language)
        label = in_language(self, "label", language)
        return f"{name} ({label})" if label else name

    @property
    def name(self) -> str:
        return self.name_in()
