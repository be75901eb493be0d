"""Alerts to staff and their deliveries."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Alert(models.Model):
    """One cause to which staff are alerted, and the window that gathers its sagas.

    The first saga is reported at once; all that join before ``ends_at`` are reported
    in one summary after it. At most one window per topic is open. ``topic`` is the step
    and the error without the names in it, the dependency that is down, or the subject
    of a notice.
    """

    class Kind(models.TextChoices):
        STOPPED = "stopped", _("orders need attention")
        OUTAGE = "outage", _("a dependency does not answer")
        NOTICE = "notice", _("something else staff must know")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    definition = models.CharField(_("definition"), max_length=40)
    topic = models.CharField(_("topic"), max_length=200)
    step = models.CharField(_("step"), max_length=40, blank=True)
    first = models.ForeignKey(
        "saga.Saga",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("first processing log"),
    )
    opened_at = models.DateTimeField(_("opened at"))
    ends_at = models.DateTimeField(_("gathers until"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["topic"],
                condition=Q(closed_at=None),
                name="alert_one_window_per_topic",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"], condition=Q(closed_at=None), name="alert_open_idx"
            ),
        ]

    def __str__(self) -> str:
        return self.topic


class AlertDelivery(models.Model):
    """One message for one channel. It is tried again until it is delivered."""

    alert = models.ForeignKey(
        Alert, models.CASCADE, related_name="deliveries", verbose_name=_("alert")
    )
    summary = models.BooleanField(_("summary"))
    channel = models.CharField(_("channel"), max_length=20)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try at"))
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("delivery of an alert")
        verbose_name_plural = _("deliveries of alerts")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "summary", "channel"], name="alert_delivery_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(delivered_at=None),
                name="alert_delivery_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.alert}"
