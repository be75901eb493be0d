"""Copies of the database itself: SQLite's own, and pg_dump's."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from shop.local.backups.manifest import DamagedBackup, OnProgress

SQLITE, POSTGRESQL = "sqlite", "postgresql"
FILES = {SQLITE: "db.sqlite3", POSTGRESQL: "database.dump"}
_PAGES = 256  # copied between two reports
_TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl")  # of libpq


class BackupFailed(Exception):
    """The database could not be copied; the message says why."""


def copy_sqlite(source: Path, target: Path, on_progress: OnProgress) -> None:
    """Copy the database while the shop goes on. Raises BackupFailed.

    One transaction reads the source from the first page to the last, so that the copy
    is the state of one moment, and no writer makes it begin again.
    https://www.sqlite.org/backup.html
    """
    if not source.exists():
        message = f"{source} does not exist: set DATA_DIR to the shop's folder."
        raise BackupFailed(message)
    uri = f"{source.resolve().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as shop,
            closing(sqlite3.connect(target)) as copy,
        ):
            (page_size,) = shop.execute("PRAGMA page_size").fetchone()
            shop.execute("BEGIN")
            shop.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            shop.backup(
                copy,
                pages=_PAGES,
                progress=lambda _status, left, total: on_progress(
                    (total - left) * page_size
                ),
            )
    except sqlite3.Error as error:
        message = f"The database {source} could not be copied: {error}."
        raise BackupFailed(message) from error


def check_sqlite(folder: Path) -> None:
    """Let SQLite check every page and relation of a copy. Raises DamagedBackup."""
    uri = f"{(folder / FILES[SQLITE]).resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as copy:
            (said,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            astray = copy.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise DamagedBackup(folder, f"SQLite says: {error}") from error
    if said != "ok":
        raise DamagedBackup(folder, f"SQLite says: {said}")
    if astray:
        raise DamagedBackup(folder, f"a row of {astray[0]} belongs to none")


def dump_postgresql(described: dict[str, Any], target: Path) -> None:
    """Dump the database while the shop goes on. Raises BackupFailed."""
    options = ("--format=custom", "--no-owner", f"--file={target}")
    _run(("pg_dump", *options, str(described["NAME"])), described)


def check_postgresql(folder: Path) -> None:
    """Let pg_restore read a dump to its end. Raises DamagedBackup."""
    dump = str(folder / FILES[POSTGRESQL])
    try:
        _run(("pg_restore", "--file", os.devnull, dump), {})
    except BackupFailed as error:
        raise DamagedBackup(folder, str(error)) from error


def load_postgresql(described: dict[str, Any], source: Path) -> None:
    """Load a dump into an empty database, all or nothing. Raises BackupFailed."""
    options = ("--no-owner", "--single-transaction", "--exit-on-error")
    name = str(described["NAME"])
    _run(("pg_restore", *options, f"--dbname={name}", str(source)), described)


def _run(command: tuple[str, ...], described: dict[str, Any]) -> None:
    names = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
    }
    given = {name: str(described.get(key) or "") for name, key in names.items()}
    # How the connection is encrypted, and the server proven, is as in the shop.
    options = described.get("OPTIONS", {})
    given |= {f"PG{key.upper()}": str(options.get(key) or "") for key in _TLS}
    environment = {**os.environ, **{name: text for name, text in given.items() if text}}
    try:
        done = subprocess.run(  # noqa: S603 - our own command lines
            command, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        message = (
            f"{command[0]} is missing: install PostgreSQL's client programs, of the "
            "server's version or a later one."
        )
        raise BackupFailed(message) from error
    if done.returncode:
        message = f"{command[0]} ended with {done.returncode}: {done.stderr.strip()}"
        raise BackupFailed(message)
