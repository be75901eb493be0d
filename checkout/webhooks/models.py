"""Webhooks of the payment provider: as received, and why some were not taken."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ProviderEventQuerySet(models.QuerySet["ProviderEvent"]):
    def waiting(self) -> Self:
        """Events that are still to be applied."""
        return self.filter(applied_at=None, set_aside="")

    def due(self, now: datetime) -> Self:
        """Waiting events, without those that failed a moment ago."""
        return self.waiting().filter(Q(try_at=None) | Q(try_at__lte=now))


class ProviderEvent(models.Model):
    """One webhook as received. It is stored first and applied later.

    One that is ``set_aside`` is not applied; ``error`` says more about that, or why the
    last of its ``tries`` failed.
    """

    class SetAside(models.TextChoices):
        OTHER_ACCOUNT = "other_account", _("of another account")
        OTHER_MODE = "other_mode", _("of the other mode (test or live)")
        NO_OBJECT = "no_object", _("does not say what it is about")
        UNREADABLE = "unreadable", _("cannot be read")
        FAILED = "failed", _("could not be applied")

    event_id = models.CharField(_("event"), max_length=255, unique=True)
    type = models.CharField(_("type"), max_length=255)
    intent_id = models.CharField(_("payment intent"), max_length=255, blank=True)
    object_id = models.CharField(
        _("what it is about"), max_length=255, blank=True, default="", db_default=""
    )
    received_at = models.DateTimeField(_("received at"), db_default=Now())
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    set_aside = models.CharField(
        _("set aside"),
        max_length=20,
        choices=SetAside,
        blank=True,
        default="",
        db_default="",
    )
    tries = models.PositiveIntegerField(_("failed tries"), default=0, db_default=0)
    try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    error = models.CharField(
        _("error"), max_length=300, blank=True, default="", db_default=""
    )

    objects = ProviderEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("Stripe event")
        verbose_name_plural = _("Stripe events")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(applied_at=None) | Q(set_aside=""),
                name="provider_event_applied_or_set_aside",
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=Q(applied_at=None, set_aside=""),
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


class WebhookProblem(models.Model):
    """Webhooks that were not taken, counted by cause: at most one a second.

    The count starts again after an hour without another one.
    """

    class Cause(models.TextChoices):
        # The provider was answered 400: the names are those of the errors.
        BAD_SIGNATURE = "BadSignature", _("not signed with our secret")
        STALE_SIGNATURE = "StaleSignature", _("signed too long ago by our clock")
        THIN_EVENT = "ThinEvent", _("a thin event")
        UNREADABLE_WEBHOOK = "UnreadableWebhook", _("signed, and not to be read")
        # They were taken and set aside: the names are those of ProviderEvent.SetAside.
        OTHER_ACCOUNT = "other_account", _("of another account")
        OTHER_MODE = "other_mode", _("of the other mode (test or live)")
        NO_OBJECT = "no_object", _("does not say what it is about")
        UNREADABLE = "unreadable", _("cannot be read")
        FAILED = "failed", _("could not be applied")

    cause = models.CharField(_("cause"), max_length=40, choices=Cause, unique=True)
    detail = models.CharField(_("the last one"), max_length=300, blank=True)
    times = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("since"))
    last_at = models.DateTimeField(_("last"))
    alerted_at = models.DateTimeField(_("staff told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook not taken")
        verbose_name_plural = _("webhooks not taken")
        permissions = [("retry_webhookproblem", _("Can try webhooks again"))]
        ordering = ["-last_at"]

    def __str__(self) -> str:
        return f"{self.cause}: {self.times}"
