"""Stock-takes, and what was counted of each SKU."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class StockTake(models.Model):
    """One stock-take of the goods whose shelf begins with ``shelves``.

    ``approve_above``: if the differences of all SKUs together are more units than that,
    a second person must approve them.
    """

    shelves = models.CharField(
        _("shelves"),
        max_length=20,
        blank=True,
        help_text=_("Beginning of the shelf, such as A-02. Empty: all goods."),
    )
    approve_above = models.PositiveIntegerField(
        _("approve above"),
        default=10,
        help_text=_(
            "If more units than these are missing or too many in all, a second person "
            "must approve."
        ),
    )
    started_by = models.CharField(_("started by"), max_length=150)
    finished_by = models.CharField(_("counted by"), max_length=150, blank=True)
    finished_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    posted_at = models.DateTimeField(_("posted at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("stock-take")
        verbose_name_plural = _("stock-takes")
        ordering = ["-id"]
        default_permissions = ("add", "view")
        permissions = [
            ("count_stocktake", _("Can count in a stock-take")),
            ("approve_stocktake", _("Can approve a stock-take")),
        ]

    def __str__(self) -> str:
        return self.shelves or str(self.pk)


class StockCount(models.Model):
    """What was counted of one SKU, and what the books said at that moment.

    ``is_open`` until the stock-take is posted: of a SKU there is one open count.
    """

    take = models.ForeignKey(
        StockTake, models.CASCADE, related_name="counts", verbose_name=_("stock-take")
    )
    sku = models.CharField(_("SKU"), max_length=64)
    shelf = models.CharField(_("shelf"), max_length=20, blank=True)
    expected = models.PositiveIntegerField(_("by the books"), null=True, blank=True)
    counted = models.PositiveIntegerField(_("counted"), null=True, blank=True)
    counted_by = models.CharField(_("by"), max_length=150, blank=True)
    is_open = models.BooleanField(_("open"), default=True)

    class Meta:
        verbose_name = _("count")
        verbose_name_plural = _("counts")
        ordering = ["shelf", "sku"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["take", "sku"], name="stock_count_once_in_take"
            ),
            models.UniqueConstraint(
                fields=["sku"], condition=Q(is_open=True), name="stock_count_open_once"
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def difference(self) -> int:
        """Return the units that are too many; below zero, those that are missing."""
        return (self.counted or 0) - (self.expected or 0)
