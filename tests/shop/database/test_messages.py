"""Databases that this version cannot work with."""

import ast
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.db import (
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)

from checkout.webhooks.models import ProviderEvent
from shop.database.messages import advice
from tests.support.house import PACKAGES

ROOT = Path(__file__).parents[3]
TABLE = (
    "CREATE TABLE django_migrations (id integer PRIMARY KEY AUTOINCREMENT, "
    "app varchar(255), name varchar(255), applied datetime)"
)


def prepare(folder: Path) -> subprocess.CompletedProcess[str]:
    variables = {"DJANGO_SETTINGS_MODULE": "shop.settings", "DATA_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "manage.py", "prepare"],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "migration", [("checkout", "0002_open_carts_by_age"), ("orders", "0099_of_later")]
)
def test_a_database_of_another_version_is_refused_with_the_way_out(
    tmp_path: Path, migration: tuple[str, str]
) -> None:
    file = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(TABLE)
        rows = [("checkout", "0001_initial"), ("mfa", "0099_of_allauth"), migration]
        database.executemany(
            "INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, 0)", rows
        )

    done = prepare(tmp_path)

    assert done.returncode == 1
    assert done.stderr == (
        "CommandError: Database: another version of this shop made it (migration "
        f"{'.'.join(migration)}), and its tables cannot be carried over.\n"
        f"Move or delete DATA_DIR ({tmp_path}), or name another database in "
        "DATABASE_URL. Nothing was changed.\n"
    )
    with closing(sqlite3.connect(file)) as database:
        tables = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        assert tables == (2,), "django_migrations and its sequence"


class Said(Exception):
    """What a driver raises, with PostgreSQL's code."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "code", "first_line", "is_fault"),
    [
        (DataError, "22001", "it refused a value that does not fit its column", True),
        (DataError, "22003", "it refused a value that does not fit its column", True),
        (
            IntegrityError,
            "23505",
            "it refused a change that would break one of its rules",
            True,
        ),
        (ProgrammingError, "42601", "it refused a statement", True),
        (InternalError, "XX001", "it refused a statement", True),
        (NotSupportedError, "0A000", "it refused a statement", True),
        (ProgrammingError, "42P01", "it lacks what this version needs (said)", False),
        (ProgrammingError, "42703", "it lacks what this version needs (said)", False),
        (
            ProgrammingError,
            "42501",
            "it does not let this user in, or do this",
            False,
        ),
        (
            OperationalError,
            "57P01",
            "it cannot be reached, or it closed the connection",
            False,
        ),
        (
            OperationalError,
            "53100",
            "it has no room left (disk, memory or connections)",
            False,
        ),
        (
            OperationalError,
            "53300",
            "it has no room left (disk, memory or connections)",
            False,
        ),
        (
            OperationalError,
            "40P01",
            "it was too busy, or another process was faster",
            False,
        ),
        (
            OperationalError,
            "57014",
            "it was too busy, or another process was faster",
            False,
        ),
        (OperationalError, "58030", "it did not carry out the operation", False),
        (InterfaceError, None, "", False),
    ],
)
def test_each_error_says_its_own_truth(
    error: type[Error], code: str | None, first_line: str, is_fault: bool
) -> None:
    raised = error("said")
    raised.__cause__ = Said(code)

    found = advice(raised)

    assert found.is_fault is is_fault
    if first_line:
        assert found.text.splitlines()[0].removesuffix(".") == f"Database: {first_line}"
    assert "said" in found.text
    assert ("cannot be reached" in found.text) is (
        code == "57P01" or _is_postgres(code)
    )


def _is_postgres(code: str | None) -> bool:
    return code is None and connection.vendor == "postgresql"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("database is locked", "it was too busy, or another process was faster"),
        ("attempt to write a readonly database", "cannot be used"),
        ("disk I/O error", "it did not carry out the operation"),
    ],
)
def test_sqlite_is_told_apart_by_its_words(said: str, text: str) -> None:
    assert text in advice(OperationalError(said)).text


@pytest.mark.both_databases
@pytest.mark.django_db
def test_a_real_value_that_does_not_fit_is_not_called_out_of_reach() -> None:
    with pytest.raises(DataError) as caught, transaction.atomic():
        ProviderEvent.objects.create(event_id="evt_1", type="x" * 300)

    found = advice(caught.value)

    assert found.text.startswith("Database: it refused a value that does not fit")
    assert found.is_fault


def test_what_outlasts_a_database_that_is_away_outlasts_a_lost_connection() -> None:
    """A lost connection is an InterfaceError, which is no DatabaseError of Django's."""
    assert not issubclass(InterfaceError, DatabaseError)
    narrow = []
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ExceptHandler) and node.type:
                    names = ast.unparse(node.type)
                    if "DatabaseError" in names and "InterfaceError" not in names:
                        narrow.append(f"{file.relative_to(ROOT)}:{node.lineno}")

    assert narrow == []
