"""What the statistics keep: the facts of each order, and the figures of each day.

All of it can be dropped, and built anew from the events.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.countries import JAPAN
from shop.database_clock import Now


class OrderSales(models.Model):
    """What events have said of one order's money. See checkout.statistics.facts."""

    order = models.CharField(_("order"), max_length=20, unique=True)
    facts = models.JSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("sales of an order")
        verbose_name_plural = _("sales of orders")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.order


class SalesFigure(models.Model):
    """The sums of one day (in the shop's zone) for one part. Amounts are minor units.

    The day's own row counts each order once; its rates, its goods and its shipping are
    rows of their own. ``tax`` and ``refunded_tax`` are known by rate only: they are
    rounded once for a rate of an order.
    """

    class Part(models.TextChoices):
        DAY = "day", _("the whole day")
        RATE = "rate", _("a tax rate")
        GOODS = "goods", _("goods")
        SHIPPING = "shipping", _("shipping")

    day = models.DateField(_("day"))
    currency = models.CharField(_("currency"), max_length=3)
    part = models.CharField(_("part"), max_length=8, choices=Part)
    sku = models.CharField(_("SKU"), max_length=64, blank=True)
    rate = models.PositiveSmallIntegerField(_("tax rate in percent"), default=0)
    # Of a rate: the country whose tax it is. Of all else: Japan.
    country = models.CharField(
        _("country of the tax"), max_length=2, default=JAPAN, db_default=JAPAN
    )
    orders = models.BigIntegerField(_("orders"), default=0)
    units = models.BigIntegerField(_("units"), default=0)
    charged = models.BigIntegerField(_("charged"), default=0)
    tax = models.BigIntegerField(_("tax included"), default=0)
    discounts = models.BigIntegerField(_("discounts"), default=0)
    refunded = models.BigIntegerField(_("refunded"), default=0)
    refunded_tax = models.BigIntegerField(_("tax refunded"), default=0)
    refunded_units = models.BigIntegerField(_("units refunded"), default=0)

    class Meta:
        verbose_name = _("sales figure")
        verbose_name_plural = _("sales figures")
        ordering = ["day", "currency", "part", "sku", "rate"]
        constraints = [
            models.UniqueConstraint(
                fields=["part", "day", "currency", "sku", "country", "rate"],
                name="sales_figure_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.part} {self.sku}"


class StatisticsBuild(models.Model):
    """One building of all statistics from the events; the newest one counts.

    While it is not finished, or ends at an earlier time than now, the figures are not
    those of today.
    """

    started_at = models.DateTimeField(_("started at"), default=Now)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    events = models.PositiveBigIntegerField(_("events"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("building of statistics")
        verbose_name_plural = _("buildings of statistics")
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.started_at)
