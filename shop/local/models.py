"""When the shop was last copied, for whoever watches over it."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _


class LastBackup(models.Model):
    """The newest backup that was checked: one row, or none before the first.

    It is kept in the database, so that every host can tell it and no restart loses it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    begun_at = models.DateTimeField(_("begun at"))

    class Meta:
        verbose_name = _("last backup")
        verbose_name_plural = _("last backup")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="last_backup_is_one")
        ]

    def __str__(self) -> str:
        return self.begun_at.isoformat()


def record_backup(begun_at: datetime) -> None:
    """Remember a good backup. An older one than is known changes nothing."""
    _row, made = LastBackup.objects.get_or_create(defaults={"begun_at": begun_at}, id=1)
    if not made:
        LastBackup.objects.update(begun_at=Greatest("begun_at", begun_at))
