"""Disputes of charges by cardholders, as the provider reports them.

``orders.transitions.disputes`` is the only writer of their status.
"""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models.polling import Polled, PolledQuerySet
from shop.money import Money


class DisputeQuerySet(PolledQuerySet["Dispute"]):
    def open(self) -> Self:
        """Disputes that are not decided."""
        return self.filter(status__in=Dispute.OPEN)


class Dispute(Polled):
    """A charge that a cardholder's bank takes back or asks about.

    It is stored as soon as the provider reports it, even if its payment is not found.
    Until it has been read at the provider it is ``reported`` and has no amount. If the
    provider does not know it, it is ``set_aside`` until it is reported again.
    """

    class Status(models.TextChoices):
        REPORTED = "reported", _("reported, not read yet")
        NEEDS_RESPONSE = "needs_response", _("needs your answer")
        UNDER_REVIEW = "under_review", _("with the bank")
        WON = "won", _("won")
        LOST = "lost", _("lost")
        CLOSED = "closed", _("closed")
        SET_ASIDE = "set_aside", _("set aside: Stripe does not know it")

    OPEN = ("reported", "needs_response", "under_review")

    dispute_id = models.CharField(_("Stripe's dispute"), max_length=255, unique=True)
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
    intent_id = models.CharField(_("payment intent"), max_length=255, blank=True)
    charge_id = models.CharField(_("charge"), max_length=255, blank=True)
    amount_minor = models.PositiveBigIntegerField(_("amount"), default=0)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    reason = models.CharField(_("reason"), max_length=255, blank=True)
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
                        "set_aside",
                    ]
                ),
                name="dispute_status_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["poll_at"],
                condition=Q(poll_at__isnull=False),
                name="dispute_poll_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.status}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
