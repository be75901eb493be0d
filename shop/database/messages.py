"""Messages about the state of the database; each names the fix."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import (
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
)
from django.db.migrations.loader import MigrationLoader

logger = logging.getLogger(__name__)

# How SQLite says it, since it has no codes.
_NEW = ("no such table", "no such column")
_SHUT = ("unable to open database file", "readonly database", "disk is full")
_BUSY = ("database is locked", "database table is locked")
# The beginnings of PostgreSQL's codes. https://www.postgresql.org/docs/current/errcodes-appendix.html
_UNDEFINED = ("42P01", "42703", "3F000")
_FORBIDDEN = ("42501", "28")
_AWAY = ("08", "57P", "25P03")
_FULL = ("53",)
_READ_ONLY = ("25006",)
_OUTRUN = ("40", "55", "57014")

# PostgreSQL ended a transaction that did nothing; Django calls it an InternalError.
_IDLE = "25P03"

_AT_FAULT = "This is a fault of the program. Pass the trace on to the developers."
_ROLLED_BACK = "What was committed before is kept."


@dataclass(frozen=True)
class Advice:
    """What an error of the database means and what to do about it.

    ``is_fault``: the program is at fault, so that its trace matters.
    """

    text: str
    is_fault: bool = False


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


def advice(error: Error) -> Advice:
    """Return what ``error`` means: each kind of error has another remedy."""
    said = str(error).strip() or type(error).__name__
    code = getattr(error.__cause__, "sqlstate", None) or ""
    if code.startswith(_UNDEFINED) or said.startswith(_NEW):
        return Advice(
            f"Database: it lacks what this version needs ({said.splitlines()[0]}).\n"
            "Bring it up to date: python manage.py migrate (make up does so by itself)."
        )
    if code.startswith(_FORBIDDEN):
        return Advice(
            f"Database: it does not let this user in, or do this.\n{said}\n"
            "Correct user and password in DATABASE_URL, or grant what is missing."
        )
    if isinstance(error, OperationalError | InterfaceError) or code == _IDLE:
        return Advice(_about_its_state(said, code))
    return Advice(_about_the_program(error, said), is_fault=True)


def may_pass(error: BaseException | None) -> bool:
    """Return whether what failed may work in a moment: the database is away or busy."""
    if not isinstance(error, Error):
        return False
    said, code = str(error), getattr(error.__cause__, "sqlstate", None) or ""
    if code.startswith((*_UNDEFINED, *_FORBIDDEN)) or said.startswith(_NEW):
        return False
    return isinstance(error, OperationalError | InterfaceError) or code == _IDLE


def log_failure(what: str, error: Error) -> None:
    """Log what failed and what to do, in one line unless the program is at fault."""
    said = advice(error)
    text = " ".join(said.text.split())
    logger.error("%s. %s", what, text, exc_info=error if said.is_fault else None)


def _about_its_state(said: str, code: str) -> str:
    if any(word in said for word in _SHUT) or code.startswith(_READ_ONLY):
        name = settings.DATABASES["default"]["NAME"]
        return (
            f"Database: {name} cannot be used ({said}).\n"
            "See that its folder exists, is yours to write, and has room; or set "
            f"DATA_DIR or DATABASE_URL. {_ROLLED_BACK}"
        )
    if code.startswith(_FULL):
        return (
            f"Database: it has no room left (disk, memory or connections).\n{said}\n"
            f"Make room, or raise its limits. {_ROLLED_BACK}"
        )
    if code.startswith(_OUTRUN) or any(word in said for word in _BUSY):
        return (
            f"Database: it was too busy, or another process was faster.\n{said}\n"
            f"Run the command again. {_ROLLED_BACK}"
        )
    if not code and connection.vendor != "postgresql":
        return f"Database: it did not carry out the operation.\n{said}\n{_ROLLED_BACK}"
    # Without a code there was no answer at all: no connection, or it was cut.
    if not code or code.startswith(_AWAY):
        return (
            f"Database: it cannot be reached, or it closed the connection.\n{said}\n"
            f"Start it, or correct DATABASE_URL. {_ROLLED_BACK}"
        )
    return f"Database: it did not carry out the operation.\n{said}\n{_ROLLED_BACK}"


def _about_the_program(error: Error, said: str) -> str:
    what = "it refused a statement"
    if isinstance(error, DataError):
        what = "it refused a value that does not fit its column"
    elif isinstance(error, IntegrityError):
        what = "it refused a change that would break one of its rules"
    return f"Database: {what}.\n{said}\n{_AT_FAULT} {_ROLLED_BACK}"
