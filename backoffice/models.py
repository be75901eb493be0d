"""The staff's work lists, the notes that staff write, and what groups were given."""

from django.contrib.auth.models import Group
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from backoffice.tokens.models import ApiToken  # noqa: F401 (for Django)
from orders.models import Order
from saga.models import Saga
from shop.catalogue.models import Product


class StalledOrder(Order):
    """An order whose saga stopped and waits for staff."""

    class Meta:
        proxy = True
        verbose_name = _("stalled order")
        verbose_name_plural = _("stalled orders")
        permissions = [
            ("resume_stalledorder", _("Can resume a stalled order")),
            ("settle_stalledorder", _("Can mark a step as done, or skip it")),
            ("cancel_stalledorder", _("Can cancel an order before the charge")),
            ("note_stalledorder", _("Can write a note on an order")),
        ]


class OrderToShip(Order):
    """An order at the packing desk. Its pages check ``orders.ship_order``."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("order to ship")
        verbose_name_plural = _("To ship")


class GoodsSheet(Product):
    """All goods as a sheet. Its page checks the permissions of products and stock."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("import and export")
        verbose_name_plural = _("Import and export")


class Flow(Saga):
    """A saga of no order: one of the shop's own small flows, or an item of one."""

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = _("flow")
        verbose_name_plural = _("flows")


class OrderNote(models.Model):
    """A note of staff on an order, never changed. ``key`` names the form sent."""

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="notes", verbose_name=_("order")
    )
    key = models.UUIDField(unique=True, editable=False)
    text = models.TextField(_("note"), max_length=2000)
    actor = models.CharField(_("by"), max_length=150)
    created_at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("note on an order")
        verbose_name_plural = _("notes on orders")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.actor}"


class GivenPermission(models.Model):
    """A permission that a predefined group has had by default; it is given once.

    An administrator may have taken it away since, and then it stays away.
    """

    group = models.ForeignKey(
        Group, models.CASCADE, related_name="given", verbose_name=_("group")
    )
    permission = models.CharField(_("permission"), max_length=255)

    class Meta:
        verbose_name = _("permission once given")
        verbose_name_plural = _("permissions once given")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["group", "permission"], name="given_permission_once"
            )
        ]

    def __str__(self) -> str:
        return self.permission


class SalesReport(Order):
    """The sales report: it has pages and a permission, and no rows of its own."""

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = _("sales report")
        verbose_name_plural = _("sales report")


class AccountsExport(models.Model):
    """One export for the accountant: who took which data out of the shop, and when."""

    class Format(models.TextChoices):
        CSV_JOURNAL = "csv-journal", _("CSV: every entry")
        CSV_SUMS = "csv-sums", _("CSV: sums by day, kind and rate")
        XLSX = "xlsx", _("Excel: both, as two sheets")

    actor = models.CharField(_("by"), max_length=150)
    since = models.DateField(_("from"))
    until = models.DateField(_("until"))
    format = models.CharField(_("format"), max_length=11, choices=Format)
    made_at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("export for the accountant")
        verbose_name_plural = _("exports for the accountant")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("export_accounts", _("Can export data for the accountant"))]

    def __str__(self) -> str:
        return f"{self.since} - {self.until}"
