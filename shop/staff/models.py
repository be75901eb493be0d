"""Tables of the sign-in: counts of wrong entries, and codes for the first factor."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class CacheEntry(models.Model):
    """A row of Django's database cache.

    It is a model so that ``migrate`` makes the table; the columns are Django's.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "staff_cache"
        default_permissions = ()

    def __str__(self) -> str:
        return self.cache_key


class EnrolmentCode(models.Model):
    """A code with which a person sets up the first second factor. It works once."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        verbose_name=_("user"),
    )
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"code for {self.user}"
