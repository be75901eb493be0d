"""Attempts of a customer to pay, by card or at a convenience store."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shop import database_clock


class PaymentAttempt(models.Model):
    """One card or voucher, or the visit of a payment page.

    A decline ends the attempt; another card is another row.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", _("open")
        CHALLENGE = "challenge", _("the bank asks the customer")
        VOUCHER = "voucher", _("to be paid at a store")
        PAGE = "page", _("on the provider's payment page")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        ABANDONED = "abandoned", _("abandoned")

    payment = models.ForeignKey(
        "orders.Payment",
        models.CASCADE,
        related_name="attempts",
        verbose_name=_("payment"),
    )
    number = models.PositiveSmallIntegerField(_("number"))
    token = models.CharField(
        _("confirmation token"),
        max_length=255,
        blank=True,
        help_text=_("Forgotten as soon as it was used."),
    )
    client = models.CharField(
        _("IP address"),
        max_length=50,
        blank=True,
        help_text=_("Kept for some days, against the testing of stolen cards."),
    )
    network = models.CharField(
        _("network"),
        max_length=50,
        blank=True,
        help_text=_("The wider network of an IPv6 address, kept for as long."),
    )
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome, default=Outcome.OPEN
    )
    decline_code = models.CharField(_("decline code"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created at"), default=database_clock.Now)

    class Meta:
        verbose_name = _("payment attempt")
        verbose_name_plural = _("payment attempts")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "number"], name="payment_attempt_number_once"
            ),
            # Two tabs with two cards: only one may be under way.
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(outcome__in=["open", "challenge", "voucher", "page"]),
                name="payment_attempt_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "created_at"],
                condition=~Q(client=""),
                name="payment_attempt_client",
            ),
            models.Index(
                fields=["network", "created_at"],
                condition=~Q(network=""),
                name="payment_attempt_network",
            ),
            models.Index(fields=["created_at"], name="payment_attempt_created"),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} #{self.number} {self.outcome}"


class Voucher(models.Model):
    """The codes of one attempt that is paid in cash. None of them is a secret.

    ``stores`` is a list with an object for each chain: ``chain`` (the provider's name
    of it), ``payment_code`` and ``confirmation_number``.
    """

    attempt = models.OneToOneField(
        PaymentAttempt,
        models.CASCADE,
        related_name="voucher",
        verbose_name=_("attempt"),
    )
    expires_at = models.DateTimeField(_("to be paid by"))
    url = models.URLField(_("voucher to print"), max_length=2000, blank=True)
    stores = models.JSONField(_("codes by store"), default=list)

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.expires_at}"
