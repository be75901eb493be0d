"""The payment of an order and its state."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shop.money import Money


class Payment(models.Model):
    """The one payment of an order: one order, one intent, at most one charge."""

    class Status(models.TextChoices):
        PENDING = "pending", _("not yet paid")
        AUTHORIZED = "authorized", _("authorised, not charged")
        CAPTURED = "captured", _("charged")
        CANCELLED = "cancelled", _("cancelled, nothing charged")

    class Capture(models.TextChoices):
        IMMEDIATELY = "immediately", _("at once")
        SHIPMENT = "shipment", _("when it is shipped")

    order = models.OneToOneField(
        "orders.Order", models.CASCADE, related_name="payment", verbose_name=_("order")
    )
    amount_minor = models.PositiveIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.PENDING
    )
    capture = models.CharField(
        _("a card is charged"),
        max_length=11,
        choices=Capture,
        default=Capture.IMMEDIATELY,
    )
    method = models.CharField(_("method"), max_length=20, blank=True)
    intent_id = models.CharField(
        _("payment intent"), max_length=64, unique=True, null=True, blank=True
    )
    charge_id = models.CharField(_("charge"), max_length=64, blank=True)
    card_brand = models.CharField(_("card brand"), max_length=20, blank=True)
    card_last4 = models.CharField(_("last four digits"), max_length=4, blank=True)
    authorized_at = models.DateTimeField(_("authorised at"), null=True, blank=True)
    capture_before = models.DateTimeField(_("capture before"), null=True, blank=True)
    captured_at = models.DateTimeField(_("charged at"), null=True, blank=True)
    captured_minor = models.PositiveIntegerField(_("charged amount"), default=0)
    refunded_minor = models.PositiveIntegerField(
        _("refunded amount"),
        default=0,
        db_default=0,
        help_text=_("All refunds that have not failed, requested ones included."),
    )

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [
            models.Index(
                fields=["charge_id"],
                condition=~Q(charge_id=""),
                name="payment_charge_idx",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=["pending", "authorized", "captured", "cancelled"]
                ),
                name="payment_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="captured", captured_minor=models.F("amount_minor"))
                | (~Q(status="captured") & Q(captured_minor=0)),
                name="payment_captured_is_the_amount",
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__lte=models.F("captured_minor")),
                name="payment_refunds_within_the_charge",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.amount}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_minor, self.currency)

    @property
    def refundable(self) -> Money:
        """What is left of the charge."""
        return Money(self.captured_minor - self.refunded_minor, self.currency)
