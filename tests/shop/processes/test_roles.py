"""PostgreSQL keeps no process waiting for longer than its role allows."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import Error, OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper
from pytest_django.fixtures import Settings

from shop.checks.relations import check_relations
from shop.database.messages import advice
from shop.processes.roles import (
    COMMAND,
    SWEEPER,
    WEB,
    WORKER,
    database_options,
    role_of,
)

ROOT = Path(__file__).parents[3]
only_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite has one limit, for its lock"
)


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("/srv/.venv/bin/gunicorn shop.wsgi", WEB),
        ("/lib/python3/site-packages/gunicorn/__main__.py shop.wsgi:application", WEB),
        ("/srv/.venv/bin/celery --quiet --app shop worker --hostname w@h", WORKER),
        ("/lib/site-packages/celery/__main__.py -A shop worker", WORKER),
        ("/srv/.venv/bin/celery -A shop inspect ping", COMMAND),
        ("manage.py sweeper", SWEEPER),
        ("manage.py sweeper --skip-checks", SWEEPER),
        ("manage.py saga_list --state sweeper", COMMAND),
        ("/srv/code/manage.py migrate", COMMAND),
        ("", COMMAND),
    ],
)
def test_the_command_line_tells_the_role(line: str, role: str) -> None:
    assert role_of(line.split()) == role


def test_what_has_no_limit_is_left_to_the_server() -> None:
    assert database_options({"a": 0, "lock_timeout": 1500}) == "-c lock_timeout=1500"
    assert database_options({"a": 0}) == ""


@pytest.mark.long
@pytest.mark.parametrize(
    ("program", "expected"), [("gunicorn", "30000"), ("celery worker", "60000")]
)
def test_the_settings_give_each_process_its_limits(program: str, expected: str) -> None:
    script = (
        f"import sys; sys.argv = {program.split()!r}\n"
        "from shop import settings\n"
        "print(settings.DATABASES['default']['OPTIONS'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": "postgres://h/shop"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert f"-c statement_timeout={expected}" in done.stdout
    assert "-c idle_in_transaction_session_timeout=60000" in done.stdout
    # A host that is gone without a word.
    assert "'tcp_user_timeout': 30000" in done.stdout
    assert "'keepalives_idle': 10" in done.stdout


@contextmanager
def limited(**milliseconds: int) -> Iterator[Any]:
    """Connect as a process with these limits does."""
    described = connection.settings_dict | {
        "OPTIONS": {"options": database_options(milliseconds)}
    }
    own = DatabaseWrapper(described, alias="limited")
    try:
        with own.cursor() as cursor:
            yield cursor
    finally:
        own.close()


@only_postgresql
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_statement_that_does_not_end_is_ended() -> None:
    with (
        limited(statement_timeout=100) as cursor,
        pytest.raises(OperationalError) as error,
    ):
        cursor.execute("SELECT pg_sleep(30)")

    assert "Run the command again" in advice(error.value).text


@only_postgresql
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_lock_of_another_is_not_waited_for_for_ever() -> None:
    with limited() as other, limited(lock_timeout=100) as cursor:
        other.execute("BEGIN; LOCK TABLE inventory_stockitem")
        with pytest.raises(OperationalError) as error:
            cursor.execute("BEGIN; LOCK TABLE inventory_stockitem")

    assert "another process was faster" in advice(error.value).text


@only_postgresql
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_does_nothing_lets_go_of_its_locks() -> None:
    with (
        limited() as other,
        limited(idle_in_transaction_session_timeout=100) as idle,
    ):
        idle.execute("BEGIN; LOCK TABLE inventory_stockitem")
        other.execute("SET lock_timeout = 20000")

        other.execute("BEGIN; LOCK TABLE inventory_stockitem; COMMIT")

        with pytest.raises(Error) as error:
            idle.execute("SELECT 1")

    assert "closed the connection" in advice(error.value).text


def found(settings: Settings, **values: Any) -> list[str | None]:
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}
    for name, value in values.items():
        setattr(settings, name, value)
    return [message.id for message in check_relations()]


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_limits_that_do_not_fit_are_named(settings: Settings) -> None:
    usual = django_settings.STATEMENT_TIMEOUTS
    production = {"PRODUCTION": True, "TRUSTED_PROXIES": 1}

    assert found(settings) == []
    assert "shop.W073" not in found(settings, **production)
    for worker in (0, 61_000):
        limits = {**usual, WORKER: worker}
        assert "shop.W073" in found(settings, STATEMENT_TIMEOUTS=limits)
    limits = {**usual, WEB: 5_000}
    assert "shop.W074" in found(settings, STATEMENT_TIMEOUTS=limits)
