"""The movements of the account at Stripe, as they were fetched."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop import database_clock


class AccountMovement(models.Model):
    """One movement of the account at Stripe, with its fee. Never changed.

    Amounts have a sign: what left the account is negative.
    """

    movement_id = models.CharField(_("Stripe's movement"), max_length=255, unique=True)
    kind = models.CharField(_("kind"), max_length=255)
    amount_minor = models.BigIntegerField(_("amount"))
    fee_minor = models.BigIntegerField(_("fee"))
    currency = models.CharField(_("currency"), max_length=3)
    source_id = models.CharField(_("caused by"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("account movement")
        verbose_name_plural = _("account movements")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["created_at"], name="movement_created_idx")]

    def __str__(self) -> str:
        return f"{self.movement_id} {self.kind}"


class AccountReading(models.Model):
    """One complete reading of the movements: everything until then is known."""

    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    added = models.PositiveIntegerField(_("new"))
    unreadable = models.PositiveIntegerField(_("unreadable"))
    finished_at = models.DateTimeField(_("finished at"), default=database_clock.Now)

    class Meta:
        verbose_name = _("reading of account movements")
        verbose_name_plural = _("readings of account movements")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.since} - {self.until}"
