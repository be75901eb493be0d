"""Many stopped sagas resumed by one decision of staff."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class BulkResume(models.Model):
    """Many stopped sagas resumed by one decision: its pace, and how far it came.

    ``key`` identifies the form that was sent. ``next_at`` is when a sweeper advances it
    next, or the end of the lease of the sweeper that does. ``passed_at`` is when the
    canary was through. ``patience`` is in seconds.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("under way")
        DONE = "done", _("all done")
        REPEATED = "repeated", _("ended: it failed again")
        UNDECIDED = "undecided", _("ended: the first took too long")
        STOPPED = "stopped", _("ended by staff")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    failure_group = models.CharField(_("failure group"), max_length=8)
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
    next_at = models.DateTimeField(_("advanced next at"))
    acted_at = models.DateTimeField(_("last resumed one at"), null=True, blank=True)
    passed_at = models.DateTimeField(_("canary through at"), null=True, blank=True)
    created_at = models.DateTimeField(_("begun at"), db_default=Now())
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("bulk resume")
        verbose_name_plural = _("bulk resumes")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["running", "done", "repeated", "undecided", "stopped"]
                ),
                name="bulk_resume_state_known",
            ),
            models.CheckConstraint(
                condition=Q(per_second__gt=0), name="bulk_resume_has_a_pace"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state="running"),
                name="bulk_resume_due_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.failure_group}"


class BulkResumeMember(models.Model):
    """One saga of a bulk resume.

    ``seen`` is its fence when staff decided, ``fence`` the one that it had after it was
    resumed. ``signature`` is that of the error with which it had stopped.
    """

    class Outcome(models.TextChoices):
        PENDING = "pending", _("not yet")
        RESUMED = "resumed", _("resumed")
        REFUSED = "refused", _("refused")
        LEFT = "left", _("left as it was")

    bulk_resume = models.ForeignKey(
        BulkResume,
        models.CASCADE,
        related_name="members",
        verbose_name=_("bulk resume"),
    )
    saga = models.ForeignKey(
        "saga.Saga", models.CASCADE, related_name="+", verbose_name=_("processing log")
    )
    seen = models.PositiveIntegerField(_("seen"))
    signature = models.CharField(_("error"), max_length=120)
    outcome = models.CharField(
        _("outcome"), max_length=7, choices=Outcome, default=Outcome.PENDING
    )
    fence = models.PositiveIntegerField(_("fence"), default=0)
    refusal = models.CharField(_("why refused"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("order of a bulk resume")
        verbose_name_plural = _("orders of a bulk resume")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["bulk_resume", "saga"], name="bulk_resume_member_once"
            ),
        ]
        indexes = [
            models.Index(fields=["bulk_resume", "outcome"], name="bulk_resume_todo_idx")
        ]

    def __str__(self) -> str:
        return f"{self.saga_id}: {self.outcome}"
