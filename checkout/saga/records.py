"""What the engine keeps beside the sagas: alerts, breakers, chores, heartbeats."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Alert(models.Model):
    """One cause for which staff are called, and the window in which it is gathered.

    The first saga is told of at once, all that join before ``ends_at`` in one summary
    after it. At most one window a topic is open; ``topic`` is step and error without
    the names in it, or the dependency that is down.
    """

    class Kind(models.TextChoices):
        STOPPED = "stopped", _("sagas need a person")
        OUTAGE = "outage", _("a dependency does not answer")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    definition = models.CharField(_("definition"), max_length=40)
    topic = models.CharField(_("topic"), max_length=200)
    step = models.CharField(_("step"), max_length=40)
    first = models.ForeignKey(
        "saga.Saga", models.SET_NULL, null=True, blank=True, related_name="+"
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
    """One message through one channel: wanted until it is delivered."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="deliveries")
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


class Breaker(models.Model):
    """Whether an outside dependency answers, for all processes at once.

    No row, or ``closed``: it does. ``open``: sagas park until ``probe_at``, when one
    of them may try (``half_open``; should it die, another one may at ``probe_at``).
    """

    class State(models.TextChoices):
        CLOSED = "closed", _("closed")
        OPEN = "open", _("open")
        HALF_OPEN = "half_open", _("half open")

    name = models.CharField(_("dependency"), max_length=40, unique=True)
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.CLOSED
    )
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failed_at = models.DateTimeField(_("last failure at"))
    failed_saga = models.BigIntegerField(_("last saga that failed"), default=0)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    probe_at = models.DateTimeField(_("next probe at"), null=True, blank=True)
    probes = models.PositiveIntegerField(_("probes in vain"), default=0)

    class Meta:
        verbose_name = _("circuit breaker")
        verbose_name_plural = _("circuit breakers")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["closed", "open", "half_open"]),
                name="breaker_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="closed") | Q(probe_at__isnull=False),
                name="breaker_open_is_probed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"


class Chore(models.Model):
    """Something done now and then by one of several sweepers, and how far it came."""

    name = models.CharField(_("chore"), max_length=40, unique=True)
    done_at = models.DateTimeField(_("last done at"))
    position = models.BigIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("chore")
        verbose_name_plural = _("chores")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """One process that is needed, and when it last said that it is alive."""

    role = models.CharField(_("role"), max_length=20)
    process = models.CharField(_("process"), max_length=100)
    started_at = models.DateTimeField(_("started at"))
    seen_at = models.DateTimeField(_("seen at"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        ordering = ["role", "process"]
        constraints = [
            models.UniqueConstraint(
                fields=["role", "process"], name="heartbeat_once_per_process"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.process}"
