"""The history of a saga: tries of workers and actions of staff."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from saga.models.saga import Direction, Saga


class Attempt(models.Model):
    """One try at one step, or one action of staff. Rows are never changed.

    A try is written when it has ended; until then it is the saga's row that shows it
    (see ``saga.history.present_attempt``).
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
        TURNED = "turned", _("called back")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("turned down")

    saga = models.ForeignKey(
        Saga, models.CASCADE, related_name="attempts", verbose_name=_("processing log")
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
        """Whether staff did it, not a worker."""
        return bool(self.actor)
