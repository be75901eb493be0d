"""Closed days."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DailyClose(models.Model):
    """One day of the shop's books, as it was closed. Amounts are minor units.

    ``differences`` are lines for staff about what the provider's account says
    otherwise; ``accepted_by`` is who accepted them.
    """

    day = models.DateField(_("day"), unique=True)
    currency = models.CharField(_("currency"), max_length=3)
    charged_minor = models.BigIntegerField(_("charged"))
    refunded_minor = models.BigIntegerField(_("refunded"))
    differences = models.JSONField(_("differences"), default=list, blank=True)
    accepted_by = models.CharField(_("accepted by"), max_length=150, blank=True)
    sent_to = models.JSONField(_("sent to"), default=list, blank=True)
    paid_out_at = models.DateTimeField(_("paid out"), null=True, blank=True)
    closed_at = models.DateTimeField(
        pgettext_lazy("day", "closed at"), db_default=Now()
    )

    class Meta:
        verbose_name = _("daily close")
        verbose_name_plural = _("daily closes")
        ordering = ["-day"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.day.isoformat()
