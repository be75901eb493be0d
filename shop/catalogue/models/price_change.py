"""What variants cost, and since when: one row for each change."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop import database_clock
from shop.database.money_column import MoneyColumn
from shop.money import Money


class PriceChange(models.Model):
    """The prices of a variant from ``changed_at`` on. Rows are never changed.

    The SKU is a copy: the history outlives the variant.
    """

    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.CASCADE,
        related_name="price_changes",
        verbose_name=_("product"),
    )
    sku = models.CharField(_("SKU"), max_length=40)
    price_minor = MoneyColumn(_("price"))
    sale_minor = MoneyColumn(_("sale price"), null=True)
    sale_from = models.DateTimeField(_("sale begins"), null=True)
    sale_until = models.DateTimeField(_("sale ends"), null=True)
    currency = models.CharField(_("currency"), max_length=3)
    changed_at = models.DateTimeField(_("changed at"), default=database_clock.Now)
    actor = models.CharField(_("by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("change of price")
        verbose_name_plural = _("changes of prices")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["product", "sku"], name="price_change_of")]

    def __str__(self) -> str:
        return f"{self.sku}: {self.price}"

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def sale(self) -> Money | None:
        if self.sale_minor is None:
            return None
        return Money(self.sale_minor, self.currency)

    @property
    def terms(self) -> tuple[Any, ...]:
        """Return what a variant must differ in to be a change."""
        return terms_of(self)


def terms_of(priced: Any) -> tuple[Any, ...]:
    """Return the prices of a variant, or of a change, to compare them."""
    return (
        priced.price_minor,
        priced.sale_minor,
        priced.sale_from,
        priced.sale_until,
        priced.currency,
    )
