"""A shop that updates keeps its shipping prices."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

_BEFORE, _AFTER = "0011", "0014"


def migrate(database: Path, to: str) -> None:
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}"}
    command = [sys.executable, "manage.py", "migrate", "checkout", to]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


def read(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.long
@pytest.mark.parametrize("entered", [True, False])
def test_the_terms_become_a_method(tmp_path: Path, entered: bool) -> None:
    database = tmp_path / "shop.sqlite3"
    migrate(database, _BEFORE)
    if entered:
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute(
                "INSERT INTO checkout_shippingterms (id, flat_minor, free_from_minor) "
                "VALUES (1, 650, NULL)"
            )
            connection.execute(
                "INSERT INTO checkout_shippingzone (id, name, rate_minor, position) "
                "VALUES (7, 'Islands', 1500, 0)"
            )

    migrate(database, _AFTER)

    methods = "SELECT name_en, free_from_minor, is_active FROM checkout_shippingmethod"
    rates = "SELECT zone_id, up_to, rate_minor FROM checkout_shippingrate ORDER BY id"
    free_from = None if entered else 5000
    assert read(database, methods) == [("Standard delivery", free_from, 1)]
    expected = [(None, None, 650), (7, None, 1500)] if entered else [(None, None, 600)]
    assert read(database, rates) == expected
    triggers = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name="
    for table in ("zoneprefecture", "shippingmethod", "shippingrate"):
        assert read(database, f"{triggers}'checkout_{table}'") == [(3,)]
