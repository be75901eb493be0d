"""Alerts, circuit breakers, periodic jobs, heartbeats, metrics and bulk resumes."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Alert(models.Model):
    """One cause for which staff are called, and the window in which it is gathered.

    The first saga is told of at once, all that join before ``ends_at`` in one summary
    after it. At most one window a topic is open; ``topic`` is step and error without
    the names in it, the dependency that is down, or what a notice is about.
    """

    class Kind(models.TextChoices):
        STOPPED = "stopped", _("sagas need a person")
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
        verbose_name=_("first saga"),
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


class PeriodicJob(models.Model):
    """Something done now and then by one of several sweepers, and how far it came."""

    name = models.CharField(_("periodic job"), max_length=40, unique=True)
    done_at = models.DateTimeField(_("last done at"))
    position = models.BigIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("periodic job")
        verbose_name_plural = _("periodic jobs")
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


class BulkResume(models.Model):
    """Many stopped sagas resumed by one decision: how carefully, and how far it came.

    ``key`` names the form that was sent. ``next_at`` is when the run is looked at next,
    or the end of the lease of whoever does. ``passed_at`` is when the canary was
    through. ``patience`` is in seconds.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("under way")
        DONE = "done", _("all done")
        REPEATED = "repeated", _("ended: it failed again")
        UNDECIDED = "undecided", _("ended: the first took too long")
        STOPPED = "stopped", _("ended by staff")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    failure_group = models.CharField(_("failure_group"), max_length=8)
    step = models.CharField(_("step"), max_length=40)
    signature = models.CharField(_("error"), max_length=120)
    canary = models.PositiveIntegerField(_("first so many"), default=1)
    per_second = models.FloatField(_("orders a second"), default=1)
    patience = models.FloatField(_("seconds the first may take"), default=120)
    actor = models.CharField(_("by"), max_length=150)
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.RUNNING
    )
    detail = models.TextField(_("why it ended"), blank=True)
    next_at = models.DateTimeField(_("looked at next"))
    acted_at = models.DateTimeField(_("last resumed one at"), null=True, blank=True)
    passed_at = models.DateTimeField(_("canary through at"), null=True, blank=True)
    created_at = models.DateTimeField(_("begun at"), db_default=Now())
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("group recovery")
        verbose_name_plural = _("group recoveries")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["running", "done", "repeated", "undecided", "stopped"]
                ),
                name="recovery_state_known",
            ),
            models.CheckConstraint(
                condition=Q(per_second__gt=0), name="recovery_has_a_pace"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state="running"),
                name="recovery_due_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.failure_group}"


class BulkResumeMember(models.Model):
    """One saga of a run.

    ``seen`` is the fence that staff decided on, ``fence`` the one that resuming gave
    it; ``signature`` is of the error that it had.
    """

    class Outcome(models.TextChoices):
        PENDING = "pending", _("not yet")
        RESUMED = "resumed", _("resumed")
        REFUSED = "refused", _("refused")
        LEFT = "left", _("left as it was")

    run = models.ForeignKey(
        BulkResume,
        models.CASCADE,
        related_name="members",
        verbose_name=_("group recovery"),
    )
    saga = models.ForeignKey(
        "saga.Saga", models.CASCADE, related_name="+", verbose_name=_("saga")
    )
    seen = models.PositiveIntegerField(_("seen"))
    signature = models.CharField(_("error"), max_length=120)
    outcome = models.CharField(
        _("outcome"), max_length=7, choices=Outcome, default=Outcome.PENDING
    )
    fence = models.PositiveIntegerField(_("fence"), default=0)
    refusal = models.CharField(_("why refused"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("member of a group recovery")
        verbose_name_plural = _("members of a group recovery")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "saga"], name="recovery_member_once"
            ),
        ]
        indexes = [models.Index(fields=["run", "outcome"], name="recovery_todo_idx")]

    def __str__(self) -> str:
        return f"{self.saga_id}: {self.outcome}"


class Sample(models.Model):
    """How things stood at one minute, for the curves on the staff's first page.

    ``oldest`` is how long the first that stopped had waited, ``queue`` how long the
    first that was due had not been taken, both in seconds, 0 when there was none.
    ``done`` and ``stopped`` count since the sample before. ``steps`` is step -> median,
    95th percentile (milliseconds) and number of its tries since then; ``position`` the
    last try that was counted.
    """

    taken_at = models.DateTimeField(_("taken at"), unique=True)
    in_flight = models.PositiveIntegerField(_("under way"))
    stuck = models.PositiveIntegerField(_("stopped"))
    oldest = models.PositiveIntegerField(_("oldest, seconds"))
    queue = models.PositiveIntegerField(_("queue, seconds"))
    done = models.PositiveIntegerField(_("done"))
    stopped = models.PositiveIntegerField(_("newly stopped"))
    steps = models.JSONField(_("by step"), default=dict, blank=True)
    position = models.BigIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        ordering = ["-taken_at"]

    def __str__(self) -> str:
        return f"{self.taken_at:%Y-%m-%d %H:%M}"
