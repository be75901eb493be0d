"""What is kept of money that goes back: refunds by staff, disputes by cardholders.

The truth of both is at the payment provider. ``orders.refunds`` and
``orders.disputes`` are the only writers of their status.
"""

import uuid
from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shop.money import Money

_Row = TypeVar("_Row", bound=models.Model)


class WatchedQuerySet(models.QuerySet[_Row]):
    def due(self, now: datetime) -> Self:
        """Rows for which the provider should have been asked by ``now``."""
        return self.filter(look_at__lte=now)


class Watched(models.Model):
    """Something that the provider knows better.

    ``look_at`` is when it is asked next, empty while nothing is expected; ``looks``
    counts how often that was planned. ``error`` is why the last look told nothing.
    """

    look_at = models.DateTimeField(_("asked about next"), null=True, blank=True)
    looks = models.PositiveIntegerField(_("times asked"), default=0)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        abstract = True


class RefundQuerySet(WatchedQuerySet["Refund"]):
    def standing(self) -> Self:
        """Refunds that count against the charge: all but the failed."""
        return self.exclude(status=Refund.Status.FAILED)

    def under_way(self) -> Self:
        """Refunds of which it is not known yet whether the money went back."""
        return self.filter(status__in=Refund.UNDER_WAY)


class Refund(Watched):
    """Money that a member of staff wants given back; written before anything is sent.

    ``uid`` names it at the provider: in the idempotency key and in the metadata.
    """

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
    amount_minor = models.PositiveIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(
        _("status"), max_length=9, choices=Status, default=Status.REQUESTED
    )
    actor = models.CharField(_("by"), max_length=150)
    reason = models.CharField(_("reason"), max_length=300)
    shortage = models.ForeignKey(
        "orders.Shortage",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="refunds",
        verbose_name=_("shortage"),
    )
    refund_id = models.CharField(
        _("Stripe's refund"), max_length=64, unique=True, null=True, blank=True
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
            # No machine starts one: somebody did, and said why.
            models.CheckConstraint(
                condition=~Q(actor="") & ~Q(reason=""), name="refund_by_somebody"
            ),
        ]
        indexes = [
            models.Index(
                fields=["look_at"],
                condition=Q(look_at__isnull=False),
                name="refund_look_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.amount} {self.status}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class RefundLine(models.Model):
    """Units of one line that a refund is for; ``restock``: they are back in stock."""

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


class DisputeQuerySet(WatchedQuerySet["Dispute"]):
    def open(self) -> Self:
        """Disputes that the bank has not decided."""
        return self.filter(status__in=Dispute.OPEN)


class Dispute(Watched):
    """A cardholder's bank takes a charge back, or asks about it.

    Stored as soon as the provider reports it, even where no payment of ours is
    found: ``reported`` until it has been read, with no amount.
    """

    class Status(models.TextChoices):
        REPORTED = "reported", _("reported, not read yet")
        NEEDS_RESPONSE = "needs_response", _("needs your answer")
        UNDER_REVIEW = "under_review", _("with the bank")
        WON = "won", _("won")
        LOST = "lost", _("lost")
        CLOSED = "closed", _("closed")

    OPEN = ("reported", "needs_response", "under_review")

    dispute_id = models.CharField(_("Stripe's dispute"), max_length=64, unique=True)
    payment = models.ForeignKey(
        "orders.Payment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="disputes",
        verbose_name=_("payment"),
    )
    status = models.CharField(
        _("status"), max_length=14, choices=Status, default=Status.REPORTED
    )
    is_inquiry = models.BooleanField(
        _("only a question"),
        default=False,
        help_text=_("The bank asks; the money has not been taken back."),
    )
    intent_id = models.CharField(_("payment intent"), max_length=64, blank=True)
    charge_id = models.CharField(_("charge"), max_length=64, blank=True)
    amount_minor = models.PositiveIntegerField(_("amount"), default=0)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    reason = models.CharField(_("reason"), max_length=64, blank=True)
    reported_at = models.DateTimeField(_("reported at"), db_default=Now())
    due_at = models.DateTimeField(_("answer by"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "reported",
                        "needs_response",
                        "under_review",
                        "won",
                        "lost",
                        "closed",
                    ]
                ),
                name="dispute_status_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["look_at"],
                condition=Q(look_at__isnull=False),
                name="dispute_look_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.status}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
