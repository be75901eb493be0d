"""Whether an outside dependency answers."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Breaker(models.Model):
    """Whether an outside dependency answers, shared by all processes.

    No row, or ``closed``: it answers. ``open``: sagas wait until ``probe_at``, when one
    of them may try. ``half_open``: one saga tries; if its worker dies, another one may
    try at ``probe_at``.
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
    failed_saga = models.BigIntegerField(
        _("last processing log that failed"), default=0
    )
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
