"""The payment of an order and its state.

Staff also act on it on the provider's own pages, so the constraints say what money is
possible there, not what the shop planned (docs/adr/0021).
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.polling import Polled, PolledQuerySet
from shop.database.money_column import MoneyColumn
from shop.money import Money


class PaymentQuerySet(PolledQuerySet["Payment"]):
    """Payments, and those of them that are due to be read."""


class Payment(Polled):
    """The one payment of an order: one order, one intent, at most one charge.

    It is polled when something was done to it that no step of the saga reads.
    """

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
    amount_minor = MoneyColumn(_("amount"))
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
    on_page = models.BooleanField(
        _("paid on the provider's page"), default=False, db_default=False
    )
    method = models.CharField(_("method"), max_length=255, blank=True)
    intent_id = models.CharField(
        _("payment intent"), max_length=255, unique=True, null=True, blank=True
    )
    charge_id = models.CharField(_("charge"), max_length=255, blank=True)
    card_brand = models.CharField(_("card brand"), max_length=255, blank=True)
    card_last4 = models.CharField(_("last four digits"), max_length=4, blank=True)
    authorized_at = models.DateTimeField(_("authorised at"), null=True, blank=True)
    capture_before = models.DateTimeField(_("capture before"), null=True, blank=True)
    captured_at = models.DateTimeField(_("charged at"), null=True, blank=True)
    captured_minor = MoneyColumn(_("charged amount"), default=0)
    refunded_minor = MoneyColumn(
        _("refunded amount"),
        default=0,
        db_default=0,
        help_text=_("All refunds that have not failed, requested ones included."),
    )
    disputed_minor = models.PositiveBigIntegerField(
        _("disputed amount"),
        default=0,
        db_default=0,
        help_text=_("What banks took back in disputes that are open or lost."),
    )

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [
            models.Index(
                # For its beginning, too, on PostgreSQL in every locale.
                fields=["charge_id"],
                opclasses=["varchar_pattern_ops"],
                condition=~Q(charge_id=""),
                name="payment_charge_idx",
            ),
            models.Index(
                fields=["captured_at"],
                condition=Q(captured_at__isnull=False),
                name="payment_captured_idx",
            ),
            models.Index(
                fields=["poll_at"],
                condition=Q(poll_at__isnull=False),
                name="payment_poll_idx",
            ),
            # Approved, and charged once staff release the order for shipping.
            models.Index(
                fields=["order"],
                condition=Q(status="authorized", capture="shipment"),
                name="payment_to_release_idx",
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
                condition=Q(status="captured", captured_minor__gt=0)
                | (~Q(status="captured") & Q(captured_minor=0)),
                name="payment_captured_is_an_amount",
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
    def captured(self) -> Money:
        return Money(self.captured_minor, self.currency)

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_minor, self.currency)

    @property
    def disputed(self) -> Money:
        return Money(self.disputed_minor, self.currency)

    @property
    def refundable(self) -> Money:
        """What is left of the charge, after refunds and disputes."""
        left = self.captured_minor - self.refunded_minor - self.disputed_minor
        return Money(max(0, left), self.currency)

    @property
    def is_gone(self) -> bool:
        """Whether it was charged, and nothing of the charge is left."""
        return bool(self.captured_minor) and not self.refundable
