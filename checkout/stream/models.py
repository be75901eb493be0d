"""What consumers of events keep."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.database_clock import Now


class LowStock(models.Model):
    """A SKU that runs out. ``told_at``: since when staff know, None if they do not."""

    sku = models.CharField(_("SKU"), max_length=64, unique=True)
    noticed_at = models.DateTimeField(_("noticed at"), default=Now)
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("product that runs out")
        verbose_name_plural = _("products that run out")
        ordering = ["sku"]

    def __str__(self) -> str:
        return self.sku
