"""The figures of one minute."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MetricSnapshot(models.Model):
    """The metrics of one minute, for the curves on the staff's dashboard.

    ``oldest`` is how long the saga that stopped first has waited, ``queue`` how long
    the saga that is due first has not been claimed, both in seconds, 0 if there is
    none. ``done`` and ``stopped`` count since the snapshot before. ``steps`` is step ->
    median and 95th percentile (milliseconds) and number of its tries since then.
    ``position`` is the key of the last try that was counted.
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
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        ordering = ["-taken_at"]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.taken_at):%Y-%m-%d %H:%M}"
