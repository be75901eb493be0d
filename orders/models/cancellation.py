"""Requests to cancel an order, what staff decided, and what became of it."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shop.database.money_column import MoneyColumn
from shop.money import Money


class CancellationQuerySet(models.QuerySet["Cancellation"]):
    def open(self) -> "CancellationQuerySet":
        """Requests that staff have not decided yet."""
        return self.filter(status=Cancellation.Status.REQUESTED)

    def under_way(self) -> "CancellationQuerySet":
        """Cancellations that were decided and are being carried out."""
        return self.filter(status=Cancellation.Status.ACCEPTED)


class Cancellation(models.Model):
    """One request to cancel an order, of its customer or of staff.

    ``uid`` comes from the form, so that a form sent twice is one request. Whoever
    decides is named: ``refund_minor`` goes back as the decision of ``decided_by``.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("to be decided")
        DECLINED = "declined", _("declined")
        ACCEPTED = "accepted", _("being cancelled")
        DONE = "done", _("cancelled")
        REFUSED = "refused", _("too late, the parcel had left")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(
        "orders.Order",
        models.PROTECT,
        related_name="cancellations",
        verbose_name=_("order"),
    )
    status = models.CharField(
        _("status"), max_length=9, choices=Status, default=Status.REQUESTED
    )
    by_customer = models.BooleanField(_("the customer asked"), default=False)
    requested_at = models.DateTimeField(_("asked at"), db_default=Now())
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    note = models.CharField(_("note of staff"), max_length=300, blank=True)
    answer = models.CharField(_("words to the customer"), max_length=500, blank=True)
    refund_minor = MoneyColumn(_("to be refunded"), default=0, db_default=0)
    currency = models.CharField(_("currency"), max_length=3)
    refund = models.OneToOneField(
        "orders.Refund",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cancellation",
        verbose_name=_("refund"),
    )
    closed_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    objects = CancellationQuerySet.as_manager()

    class Meta:
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")
        ordering = ["-id"]
        permissions = [
            (
                "decide_cancellation",
                _("Can cancel orders, and decide on requests to cancel"),
            ),
        ]
        constraints = [
            # Only after a declined request may the customer ask once more.
            models.UniqueConstraint(
                fields=["order"],
                condition=~Q(status="declined"),
                name="cancellation_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status="requested", decided_at=None, closed_at=None)
                | Q(status="accepted", decided_at__isnull=False, closed_at=None)
                | Q(
                    status__in=["declined", "done", "refused"],
                    decided_at__isnull=False,
                    closed_at__isnull=False,
                ),
                name="cancellation_status_known",
            ),
            # Every decision is made by a person; a declined customer reads why.
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by="", refund_minor=0)
                | Q(decided_at__isnull=False) & ~Q(decided_by=""),
                name="cancellation_decided_by_person",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(answer=""),
                name="cancellation_declined_with_words",
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(status="requested"),
                name="cancellation_open_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.status}"

    @property
    def to_refund(self) -> Money:
        """Return what goes back as the decision of ``decided_by``."""
        return Money(self.refund_minor, self.currency)
