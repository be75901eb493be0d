"""Which papers about money were issued, when, by whom, and whether as a copy."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from checkout.paper.kinds import PaperKind
from shop import database_clock


class IssuedPaper(models.Model):
    """One issue of a receipt, an invoice or a credit note. Never changed.

    ``copy`` is 0 for the original, then 1, 2 and so on. What may change later is kept
    as the original said it: addressee, address, seller, and the shares of the rates.
    The original is unique for an order, a kind and a refund, so that a form sent
    twice issues one.
    """

    order = models.ForeignKey(
        "orders.Order",
        models.PROTECT,
        related_name="papers",
        verbose_name=_("order"),
    )
    refund = models.ForeignKey(
        "orders.Refund",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="papers",
        verbose_name=_("refund"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=PaperKind)
    number = models.CharField(_("number"), max_length=30)
    copy = models.PositiveIntegerField(_("copy"), default=0)
    addressee = models.CharField(_("addressee"), max_length=100)
    # Postcode, prefecture, city, street, building; [] if it has no address.
    address = models.JSONField(_("address"), default=list, db_default=[])
    seller = models.JSONField(_("seller"), default=dict)
    shares = models.JSONField(_("by rate"), default=list)
    issued_at = models.DateTimeField(_("issued at"), default=database_clock.Now)
    issued_by = models.CharField(
        _("issued by"),
        max_length=150,
        blank=True,
        help_text=_("Empty: the customer, on the order's page."),
    )

    class Meta:
        verbose_name = _("issued paper")
        verbose_name_plural = _("issued papers")
        ordering = ["-id"]
        permissions = [("issue_paper", _("Can issue receipts and invoices"))]
        constraints = [
            models.UniqueConstraint(
                fields=["number", "copy"], name="issued_paper_once_each"
            ),
            models.CheckConstraint(
                condition=Q(kind="credit-note", refund__isnull=False)
                | Q(kind__in=["receipt", "invoice"], refund=None),
                name="issued_paper_kind_known",
            ),
        ]
        indexes = [models.Index(fields=["issued_at"], name="issued_paper_at_idx")]

    def __str__(self) -> str:
        return f"{self.number} ({self.copy})" if self.copy else self.number
