"""Messages about the state of the database; each names the fix."""

from collections.abc import Sequence

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

_NEW = ("no such table", "no such column")  # as SQLite says it; 42P01, 42703 elsewhere
_UNDEFINED = ("42P01", "42703")
_SHUT = ("unable to open database file", "readonly database", "disk is full")


class OtherVersion(Exception):
    """Another version of this shop made the database; its tables do not fit."""

    def __init__(self, migrations: Sequence[str]) -> None:
        self.migrations = tuple(migrations)
        super().__init__(
            "Database: another version of this shop made it (migration "
            f"{self.migrations[0]}), and its tables cannot be carried over.\n"
            f"Move or delete DATA_DIR ({settings.DATA_DIR}), or name another database "
            "in DATABASE_URL. Nothing was changed."
        )


def refuse_other_version() -> None:
    """Raise OtherVersion if a migration of ours was applied that this code lacks."""
    ours = {
        config.label
        for config in apps.get_app_configs()
        if "site-packages" not in config.path
    }
    loader = MigrationLoader(connection)
    unknown = sorted(
        f"{label}.{name}"
        for label, name in set(loader.applied_migrations) - set(loader.disk_migrations)
        if label in ours
    )
    if unknown:
        raise OtherVersion(unknown)


def advice(error: DatabaseError) -> str | None:
    """Return what to do about ``error``, or None if it is not about its state."""
    said = str(error).strip()
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    if sqlstate in _UNDEFINED or said.startswith(_NEW):
        return (
            f"Database: it lacks what this version needs ({said.splitlines()[0]}).\n"
            "Bring it up to date: python manage.py migrate (make up does so by itself)."
        )
    if connection.vendor == "postgresql" and not _is_open():
        return (
            f"Database: it cannot be reached.\n{said}\n"
            "Start it, or correct DATABASE_URL. What was committed before is kept."
        )
    if any(word in said for word in _SHUT):
        name = settings.DATABASES["default"]["NAME"]
        return (
            f"Database: {name} cannot be used ({said}).\n"
            "See that its folder exists, is yours to write, and has room; or set "
            "DATA_DIR or DATABASE_URL. What was committed before is kept."
        )
    return None


def _is_open() -> bool:
    return connection.connection is not None and not connection.connection.closed
