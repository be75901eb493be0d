"""Sagas: one row for each run of a definition, and one for each of its branches."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.db import connections, models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.db.models.sql import UpdateQuery
from django.utils.translation import gettext_lazy as _

from shop import database_clock
from shop.logs.context import current_request_id


class State(models.TextChoices):
    RUNNING = "running", _("running")
    WAITING = "waiting", _("waiting")
    FAILED = "failed", _("stopped, action needed")
    JOINING = "joining", _("waiting for a parallel step")
    COMPENSATING = "compensating", _("being undone")
    COMPENSATED = "compensated", _("undone")
    DONE = "done", _("done")


CLAIMABLE = (State.RUNNING, State.COMPENSATING)
LIVE = (State.RUNNING, State.COMPENSATING, State.WAITING, State.JOINING)
ENDED = (State.DONE, State.COMPENSATED)
# The key of ``Saga.data`` that keeps what staff changed; no step may have this name.
INPUT = "input"
# Wants an alert, or another one since the last. The index uses the same condition.
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
        """Leave out the branches: one row for each reference."""
        return self.filter(branch="")

    def unnoted(self, now: datetime) -> "SagaQuerySet":
        """Keep sagas that want an alert and are not part of one yet."""
        return self.filter(UNNOTED, alert_wanted_at__lte=now)

    def due(self) -> "SagaQuerySet":
        return self.filter(due_at__lte=database_clock.Now())

    def with_due(self) -> "SagaQuerySet":
        """Set ``is_due``: whether the saga was due when it was read."""
        # As a mapping, because mypy takes a keyword for a second ``is_due``.
        extra: dict[str, Any] = {"is_due": Q(due_at__lte=database_clock.Now())}
        return self.annotate(**extra)

    def update_and_return(self, changes: Mapping[str, Any]) -> "Saga | None":
        """Update the one row of this queryset, and return it as it is then.

        One statement, one round trip. Returns None if there is no such row.
        """
        update = cast("UpdateQuery", self.query.chain(UpdateQuery))
        update.add_update_values(dict(changes))
        compiler = update.get_compiler(connection=connections[self.db])
        sql, params = compiler.as_sql()
        now, more = compiler.compile(database_clock.Now())
        returned = f"{sql} RETURNING *, due_at <= {now} AS is_due"
        return next(iter(self.raw(returned, (*params, *more))), None)


class Saga(models.Model):
    """One run of a definition for one ``reference``, an order's number for instance.

    ``due_at`` is when the step may be claimed: the time of the next try, the end of a
    claim's lease, or the deadline of a wait. ``sweep_at`` is when the sweeper reads the
    saga: a little later where a message is expected to come first. ``fence`` grows with
    every claim; only the holder of the newest fence can write. ``signals`` counts
    wake-ups, so that one that comes while the step still runs is not missed.

    A branch is a row of its own with the definition and reference of its main path,
    which is its ``parent``. A saga that a step started is a child in the same way.
    ``parent_step`` is the parent's step at or after which the child began. A JOINING
    saga waits for its children; ``waiting_for`` says for which (see branches and
    compensation). A ``reason`` while the direction is DO means that the saga must be
    compensated: it turns back as soon as no worker has claimed it.
    """

    # Set by SagaQuerySet.with_due and update_and_return.
    is_due: bool

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
        related_name="children",
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
    due_at = models.DateTimeField(_("due at"), default=database_clock.Now)
    sweep_at = models.DateTimeField(_("next sweep at"), default=database_clock.Now)

    pivot_at = models.DateTimeField(_("pivot passed at"), null=True, blank=True)
    data = models.JSONField(_("outputs by step"), default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    waiting_for = models.CharField(_("waiting for"), max_length=40, blank=True)

    error_kind = models.CharField(_("kind of error"), max_length=12, blank=True)
    error_class = models.CharField(_("error class"), max_length=100, blank=True)
    error = models.TextField(_("error"), blank=True)
    failed_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    alert_wanted_at = models.DateTimeField(_("alert wanted at"), null=True, blank=True)
    # The ``alert_wanted_at`` that the alert below is about.
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

    # The request that it began in: its lines in the log are found by it. Earlier code
    # writes rows without it while a release is rolled out.
    request_id = models.CharField(
        _("request ID"),
        max_length=32,
        blank=True,
        default=current_request_id,
        db_default="",
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = SagaQuerySet.as_manager()

    class Meta:
        verbose_name = _("processing log")
        verbose_name_plural = _("processing logs")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "reference", "branch"],
                name="saga_once_per_reference",
            ),
            models.CheckConstraint(
                condition=Q(branch="") | Q(parent__isnull=False),
                name="saga_branch_has_a_parent",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*LIVE, "failed", "compensated", "done"]),
                name="saga_state_known",
            ),
            # The pivot: the database itself refuses to undo what is final.
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
            # For the sweeper: its cost does not grow with the sagas that ended.
            models.Index(
                fields=["sweep_at"], condition=Q(state__in=LIVE), name="saga_sweep_idx"
            ),
            # Few rows are claimed at any time.
            models.Index(
                fields=["claimed_by"],
                condition=~Q(claimed_by=""),
                name="saga_claimed_idx",
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
            # A saga that goes on has no error any more, so the index stays small.
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
        """Return the output of ``step``, empty if it has not run."""
        output: dict[str, Any] = self.data.get(step) or {}
        return output
