"""What is wrong with the database, in words that name the fix."""

from django.conf import settings
from django.db import DatabaseError, connection

_NEW = ("no such table", "no such column")  # as SQLite says it; 42P01, 42703 elsewhere
_UNDEFINED = ("42P01", "42703")
_SHUT = ("unable to open database file", "readonly database", "disk is full")


def advice(error: DatabaseError) -> str | None:
    """Say what to do about ``error``; None where it is no state of the database."""
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
