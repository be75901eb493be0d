"""The base of rows whose state the provider decides and the shop polls."""

from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

_Row = TypeVar("_Row", bound=models.Model)


class PolledQuerySet(models.QuerySet[_Row]):
    def due(self, now: datetime) -> Self:
        """Rows for which the provider should have been asked by ``now``."""
        return self.filter(poll_at__lte=now)


class Polled(models.Model):
    """Base of models whose state is decided at the provider.

    ``poll_at`` is when the provider is asked next; it is empty while no change is
    expected. ``polls`` counts how often that was planned. ``error`` is why the last
    poll brought no answer.
    """

    poll_at = models.DateTimeField(_("asked about next"), null=True, blank=True)
    polls = models.PositiveIntegerField(_("times asked"), default=0, db_default=0)
    error = models.CharField(_("error"), max_length=300, blank=True, db_default="")

    class Meta:
        abstract = True
