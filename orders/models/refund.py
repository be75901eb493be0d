"""Refunds, requested here or made at the provider, where their true state is.

``orders.transitions.refunds`` is the only writer of its status.
"""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models.polling import Polled, PolledQuerySet
from shop.database.money_column import MoneyColumn
from shop.money import Money


class RefundQuerySet(PolledQuerySet["Refund"]):
    def not_failed(self) -> Self:
        """Refunds that count against the charge: all except failed ones."""
        return self.exclude(status=Refund.Status.FAILED)

    def under_way(self) -> Self:
        """Refunds that have neither succeeded nor failed."""
        return self.filter(status__in=Refund.UNDER_WAY)


class Refund(Polled):
    """A refund that a member of staff requested. It is stored before it is sent.

    ``uid`` names it at the provider, in the idempotency key and in the metadata. A
    refund that was made on the provider's own pages is stored when it is found there,
    without an actor and a reason.
    """

    class Origin(models.TextChoices):
        SHOP = "shop", _("requested here")
        PROVIDER = "provider", _("made at Stripe")

    class Status(models.TextChoices):
        REQUESTED = "requested", pgettext_lazy("refund", "requested")
        PENDING = "pending", _("on its way")
        SUCCEEDED = "succeeded", _("refunded")
        FAILED = "failed", _("failed")

    UNDER_WAY = ("requested", "pending")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    payment = models.ForeignKey(
        "orders.Payment",
        models.PROTECT,
        related_name="refunds",
        verbose_name=_("payment"),
    )
    amount_minor = MoneyColumn(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(
        _("status"), max_length=9, choices=Status, default=Status.REQUESTED
    )
    origin = models.CharField(
        _("origin"),
        max_length=8,
        choices=Origin,
        default=Origin.SHOP,
        db_default=Origin.SHOP,
    )
    actor = models.CharField(_("by"), max_length=150, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    shortage = models.ForeignKey(
        "orders.Shortage",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="refunds",
        verbose_name=_("shortage"),
    )
    refund_id = models.CharField(
        _("Stripe's refund"), max_length=255, unique=True, null=True, blank=True
    )
    requested_at = models.DateTimeField(_("requested at"), db_default=Now())
    succeeded_at = models.DateTimeField(_("refunded at"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed at"), null=True, blank=True)
    failure = models.CharField(_("why it failed"), max_length=300, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-id"]
        permissions = [("refund", _("Can refund charges"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["requested", "pending", "succeeded", "failed"]),
                name="refund_status_known",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="refund_amount_positive"
            ),
            # Only staff request refunds, with a reason; others exist at the provider.
            models.CheckConstraint(
                condition=(Q(origin="shop") & ~Q(actor="") & ~Q(reason=""))
                | Q(origin="provider", refund_id__isnull=False),
                name="refund_by_staff_or_found",
            ),
        ]
        indexes = [
            models.Index(
                fields=["succeeded_at"],
                condition=Q(succeeded_at__isnull=False),
                name="refund_succeeded_idx",
            ),
            models.Index(
                fields=["poll_at"],
                condition=Q(poll_at__isnull=False),
                name="refund_poll_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.amount} {self.status}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class RefundLine(models.Model):
    """Refunded units of one line. ``restock``: they were put back into stock."""

    refund = models.ForeignKey(
        Refund, models.CASCADE, related_name="lines", verbose_name=_("refund")
    )
    line = models.ForeignKey(
        "orders.OrderLine",
        models.PROTECT,
        related_name="refund_lines",
        verbose_name=_("line"),
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    paid_minor = MoneyColumn(
        _("paid for them"),
        default=0,
        db_default=0,
        help_text=_("The price of the units less their discount, in minor units."),
    )
    restock = models.BooleanField(_("back into stock"), default=False)

    class Meta:
        verbose_name = _("refunded line")
        verbose_name_plural = _("refunded lines")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["refund", "line"], name="refund_line_once_per_line"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="refund_line_quantity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.refund_id}: {self.quantity} x {self.line_id}"
