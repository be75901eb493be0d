"""What consumers of events keep."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.database_clock import Now


class LowStock(models.Model):
    """A SKU of which staff know that it runs out."""

    sku = models.CharField(_("SKU"), max_length=64, unique=True)
    noticed_at = models.DateTimeField(_("noticed at"), default=Now)

    class Meta:
        verbose_name = _("product that runs out")
        verbose_name_plural = _("products that run out")
        ordering = ["sku"]

    def __str__(self) -> str:
        return self.sku
