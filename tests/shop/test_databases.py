"""Databases that this version cannot work with."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
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
