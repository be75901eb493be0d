"""The saga's truth. Messages, workers and broker may be lost; these rows stay."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Django looks for models in this module.
from saga.callbacks import Callback  # noqa: F401


class State(models.TextChoices):
    RUNNING = "running", _("running")
    WAITING = "waiting", _("waiting")
    FAILED = "failed", _("stopped, needs a person")
    JOINING = "joining", _("waiting for what runs beside it")
    COMPENSATING = "compensating", _("being undone")
    COMPENSATED = "compensated", _("undone")
    DONE = "done", _("done")


CLAIMABLE = (State.RUNNING, State.COMPENSATING)
LIVE = (State.RUNNING, State.COMPENSATING, State.WAITING, State.JOINING)
ENDED = (State.DONE, State.COMPENSATED)
# Wants an alert, or another one since the last: the index has the same words.
UNNOTED = Q(alert_wanted_at__isnull=False) & (
    Q(alert_noted_at=None) | Q(alert_noted_at__lt=F("alert_wanted_at"))
)


class Direction(models.TextChoices):
    DO = "do", _("forward")
    UNDO = "undo", _("backward")


class SagaQuerySet(models.QuerySet["Saga"]):
    def live(self) -> "SagaQuerySet":
        return self.filter(state__in=LIVE)

    def failed(self) -> "SagaQuerySet":
        return self.filter(state=State.FAILED)

    def main_paths(self) -> "SagaQuerySet":
        """One row a reference: without the branches."""
        return self.filter(branch="")

    def unnoted(self, now: datetime) -> "SagaQuerySet":
        """Sagas that want a person and are not part of an alert yet."""
        return self.filter(UNNOTED, alert_wanted_at__lte=now)


class Saga(models.Model):
    """One run of a definition for one ``reference``, an order's number for instance.

    ``due_at`` is when the step may be claimed: the time of the next try, the end of a
    claim's lease, or a wait's deadline. ``sweep_at`` is when the sweeper looks: a
    little later where a message is expected to come first. ``fence`` grows with every
    claim; whoever does not hold the newest one can write nothing. ``signals`` counts
    wake-ups, so that one which comes while the step still runs is not missed.

    A branch is a row of its own beside that of the main path, with the same definition
    and reference, and the main path as ``parent``. A saga that a step started is one,
    too. ``parent_step`` is the parent's step at or after which it began. While JOINING,
    a saga waits for such rows; ``waiting_for`` says for what (see branches and
    compensation). A ``reason`` on the way forward means that it was called back: it
    turns as soon as no worker has it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    definition = models.CharField(_("definition"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    reference = models.CharField(_("reference"), max_length=64)
    parent = models.ForeignKey(
        "self",
        models.CASCADE,
        verbose_name=_("belongs to"),
        null=True,
        blank=True,
        related_name="members",
        db_index=False,  # most have none; see the index below
    )
    parent_step = models.CharField(_("began at"), max_length=40, blank=True)
    branch = models.CharField(_("branch"), max_length=40, blank=True)

    state = models.CharField(
        _("state"), max_length=12, choices=State, default=State.RUNNING
    )
    direction = models.CharField(
        _("direction"), max_length=4, choices=Direction, default=Direction.DO
    )
    step = models.CharField(_("step"), max_length=40)
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    relaunches = models.PositiveIntegerField(_("relaunches"), default=0)
    fence = models.PositiveIntegerField(_("fence"), default=0)
    signals = models.PositiveIntegerField(_("signals"), default=0)
    claimed_by = models.CharField(_("claimed by"), max_length=100, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    sweep_at = models.DateTimeField(_("looked after at"), default=timezone.now)

    pivot_at = models.DateTimeField(_("no way back since"), null=True, blank=True)
    data = models.JSONField(_("outputs by step"), default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    waiting_for = models.CharField(_("waiting for"), max_length=40, blank=True)

    error_kind = models.CharField(_("kind of error"), max_length=12, blank=True)
    error_class = models.CharField(_("error class"), max_length=100, blank=True)
    error = models.TextField(_("error"), blank=True)
    failed_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    alert_wanted_at = models.DateTimeField(_("alert wanted at"), null=True, blank=True)
    # The ``alert_wanted_at`` that the alert below stands for.
    alert_noted_at = models.DateTimeField(_("alert noted"), null=True, blank=True)
    alert = models.ForeignKey(
        "saga.Alert",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="sagas",
        verbose_name=_("alert"),
    )
    alerted_at = models.DateTimeField(_("staff told at"), null=True, blank=True)

    created_at = models.DateTimeField(_("created at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = SagaQuerySet.as_manager()

    class Meta:
        verbose_name = _("saga")
        verbose_name_plural = _("sagas")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "reference", "branch"],
                name="saga_once_per_reference",
            ),
            models.CheckConstraint(
                condition=Q(branch="") | Q(parent__isnull=False),
                name="saga_lane_has_a_trunk",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*LIVE, "failed", "compensated", "done"]),
                name="saga_state_known",
            ),
            # The pivot: the database itself refuses to undo a paid order.
            models.CheckConstraint(
                condition=Q(pivot_at=None)
                | ~Q(state__in=[State.COMPENSATING, State.COMPENSATED])
                & ~Q(state=State.JOINING, direction=Direction.UNDO),
                name="saga_never_undone_after_pivot",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.FAILED) | Q(alert_wanted_at__isnull=False),
                name="saga_failed_wants_alert",
            ),
        ]
        indexes = [
            # What a sweep reads, however many sagas have ended.
            models.Index(
                fields=["sweep_at"], condition=Q(state__in=LIVE), name="saga_sweep_idx"
            ),
            models.Index(
                fields=["parent"],
                condition=Q(parent__isnull=False),
                name="saga_parent_idx",
            ),
            models.Index(
                fields=["alert_wanted_at"],
                condition=Q(alert_wanted_at__isnull=False),
                name="saga_alert_idx",
            ),
            models.Index(
                fields=["alert_wanted_at"], condition=UNNOTED, name="saga_unnoted_idx"
            ),
            models.Index(
                fields=["failed_at"],
                condition=Q(state="failed"),
                name="saga_failed_idx",
            ),
            models.Index(
                fields=["-id"],
                condition=Q(state="compensated"),
                name="saga_undone_idx",
            ),
            # Whatever goes well has no error any more.
            models.Index(
                fields=["error_class", "-id"],
                condition=~Q(error_class=""),
                name="saga_error_idx",
            ),
        ]

    def __str__(self) -> str:
        branch = f" ({self.branch})" if self.branch else ""
        return f"{self.definition} {self.reference}{branch}"

    def output(self, step: str) -> dict[str, Any]:
        """Return what ``step`` left for later ones, empty when it has not run."""
        output: dict[str, Any] = self.data.get(step) or {}
        return output

    def present_try(self) -> "Attempt | None":
        """Return the try under way, not as a row: the history gets one at its end."""
        if not self.claimed_by:
            return None
        return Attempt(
            saga=self,
            fence=self.fence,
            step=self.step,
            direction=self.direction,
            number=self.attempt,
            started_at=self.claimed_at or timezone.now(),
            worker=self.claimed_by,
        )

    def history(self) -> list["Attempt"]:
        """Return all that was tried and done to the saga, the present try last."""
        rows = list(self.attempts.all())
        present = self.present_try()
        return [*rows, present] if present else rows


class Attempt(models.Model):
    """One try at one step, or one act of staff: the saga's history, never changed.

    A try is written once it has ended; while it lasts, the saga's row tells of it.
    """

    class Outcome(models.TextChoices):
        STARTED = "", _("under way")
        OK = "ok", _("done")
        RETRY = "retry", _("to be tried again")
        WAITING = "waiting", _("waiting")
        FAILED = "failed", _("stopped")
        REFUSED = "refused", _("refused, undoing")
        LOST = "lost", _("lost: the worker died or was cut off")
        RESUMED = "resumed", _("resumed")
        ADOPTED = "adopted", _("continued by a newer version")
        EDITED = "edited", _("resumed with another input")
        MARKED = "marked", _("marked as done")
        SKIPPED = "skipped", _("skipped")
        CANCELLED = "cancelled", _("cancelled")
        RECALLED = "recalled", _("called back")

    saga = models.ForeignKey(
        Saga, models.CASCADE, related_name="attempts", verbose_name=_("saga")
    )
    fence = models.PositiveIntegerField(_("fence"))
    step = models.CharField(_("step"), max_length=40)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction)
    number = models.PositiveIntegerField(_("try"))
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=9, choices=Outcome, blank=True, default=""
    )
    input = models.JSONField(
        _("input changed by staff"),
        default=dict,
        blank=True,
        help_text=_("By name: the old value and the new one."),
    )
    output = models.JSONField(_("output"), default=dict, blank=True)
    error_class = models.CharField(_("error class"), max_length=100, blank=True)
    error = models.TextField(_("error"), blank=True)
    trace = models.TextField(_("trace"), blank=True)
    worker = models.CharField(_("worker"), max_length=100, blank=True)
    actor = models.CharField(_("by"), max_length=150, blank=True)
    note = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["saga", "fence"], name="attempt_once_per_fence"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} #{self.number} {self.outcome or 'under way'}"

    @property
    def is_act(self) -> bool:
        """Whether staff did it, and not a worker."""
        return bool(self.actor)


# Under this name ``Saga.data`` keeps what staff changed; no step may be called so.
INPUT = "input"
