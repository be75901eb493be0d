"""The table of the cache that counts wrong entries at the sign-in."""

from django.db import models


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
