"""Webhooks of the payment provider, as received."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ProviderEvent(models.Model):
    """One webhook as received. It is stored first and applied later."""

    event_id = models.CharField(_("event"), max_length=64, unique=True)
    type = models.CharField(_("type"), max_length=64)
    intent_id = models.CharField(_("payment intent"), max_length=64, blank=True)
    object_id = models.CharField(
        _("what it is about"), max_length=64, blank=True, default="", db_default=""
    )
    received_at = models.DateTimeField(_("received at"), db_default=Now())
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)

    class Meta:
        verbose_name = _("provider event")
        verbose_name_plural = _("provider events")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=Q(applied_at=None),
                name="provider_event_todo_idx",
            ),
            models.Index(
                fields=["intent_id"],
                condition=~Q(intent_id=""),
                name="provider_event_intent_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
