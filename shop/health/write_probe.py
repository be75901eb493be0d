"""Write something small to the database and delete it: does it accept orders?"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone

from shop.staff.models import CacheEntry

# Two pages of SQLite: an almost full disk still has room for less.
PAYLOAD = 8192  # characters
PATIENCE = 3000  # milliseconds for a lock or an answer

DISK_FULL = "refuses writes: the disk is full"
READ_ONLY = "refuses writes: it is read-only"
BUSY = "refuses writes: it was locked for 3 s"
DISK_FAILS = "refuses writes: the disk does not work"
_SQLITE = {
    "FULL": DISK_FULL,
    "IOERR": DISK_FAILS,
    "READONLY": READ_ONLY,
    "BUSY": BUSY,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "53100": DISK_FULL,
    "58030": DISK_FAILS,
    "25006": READ_ONLY,
    "55P03": BUSY,
    "57014": BUSY,
}


def write_and_delete() -> None:
    """Insert a row, delete it, and commit. Raises django.db.Error."""
    with bounded_patience(), transaction.atomic():
        row = CacheEntry.objects.create(
            cache_key=f"write-probe:{uuid4()}",
            value="x" * PAYLOAD,
            expires=timezone.now() + timedelta(minutes=1),
        )
        row.delete()


@contextmanager
def bounded_patience() -> Iterator[None]:
    """Let the connection wait a short time only, so that a probe keeps no thread."""
    if connection.vendor == "sqlite":
        usual = settings.DATABASES["default"]["OPTIONS"]["timeout"] * 1000
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA busy_timeout = {usual}")
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
        yield


def refusal_of(error: Error) -> str:
    """Return in words why the database refused the write, or "" if it is not known."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        # For example SQLITE_IOERR_WRITE.
        parts = getattr(cause, "sqlite_errorname", "").split("_")
        return _SQLITE.get(parts[1], "") if len(parts) > 1 else ""
    return _POSTGRESQL.get(getattr(cause, "sqlstate", None) or "", "")
