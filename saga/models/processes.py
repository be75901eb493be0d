"""Periodic jobs, and heartbeats of the processes that do them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PeriodicJob(models.Model):
    """A job that one of several sweepers does periodically, and how far it came."""

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
    """One needed process, and when it last reported that it is alive.

    ``clock_offset`` is how far its clock was ahead of the database's then, below zero
    if it was behind.
    """

    role = models.CharField(_("role"), max_length=20)
    process = models.CharField(_("process"), max_length=100)
    started_at = models.DateTimeField(_("started at"))
    seen_at = models.DateTimeField(_("seen at"))
    # For older code that runs beside this one, the database has the default.
    queues = models.TextField(_("queues"), blank=True, default="", db_default="")
    clock_offset = models.DurationField(_("clock ahead by"), null=True, blank=True)

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

    @property
    def host(self) -> str:
        return self.process.partition(":")[0]
