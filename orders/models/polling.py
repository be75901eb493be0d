"""Rows whose state is asked for at the provider."""

from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

_Row = TypeVar("_Row", bound=models.Model)


class WatchedQuerySet(models.QuerySet[_Row]):
    def due(self, now: datetime) -> Self:
        """Rows for which the provider should have been asked by ``now``."""
        return self.filter(look_at__lte=now)


class Watched(models.Model):
    """Something that the provider knows better.

    ``look_at`` is when it is asked next, empty while nothing is expected; ``looks``
    counts how often that was planned. ``error`` is why the last look told nothing.
    """

    look_at = models.DateTimeField(_("asked about next"), null=True, blank=True)
    looks = models.PositiveIntegerField(_("times asked"), default=0)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        abstract = True
