"""Counters of tries that only ever grow, for monitoring."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from saga.models.saga import Direction


class StepTally(models.Model):
    """How many tries of one step ended in one way since they were counted first.

    ``seconds`` is the sum of what they took. ``buckets`` counts them by what they took:
    one number for each bound of saga.tallies.BOUNDS, and one for all above.
    """

    definition = models.CharField(_("process"), max_length=40)
    step = models.CharField(_("step"), max_length=40)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction)
    outcome = models.CharField(_("outcome"), max_length=9)
    error_class = models.CharField(_("error class"), max_length=100, blank=True)
    tries = models.BigIntegerField(_("tries"), default=0)
    seconds = models.FloatField(_("seconds"), default=0)
    buckets = models.JSONField(_("by duration"), default=list)

    class Meta:
        verbose_name = _("tally of a step")
        verbose_name_plural = _("tallies of steps")
        ordering = ["definition", "step", "direction", "outcome", "error_class"]
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "step", "direction", "outcome", "error_class"],
                name="tally_once_per_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition} {self.step} {self.outcome}: {self.tries}"
