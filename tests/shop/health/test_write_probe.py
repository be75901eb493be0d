"""/readyz writes to the database, and says why a write is refused."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from shop.health import pages, write_probe
from shop.staff.models import CacheEntry

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

AS_IF_FULL = """
CREATE FUNCTION as_if_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER as_if_full BEFORE INSERT ON staff_cache
FOR EACH ROW EXECUTE FUNCTION as_if_full();
"""


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def full_disk() -> Iterator[None]:
    if connection.vendor == "postgresql":
        run(AS_IF_FULL)
        yield
        run("DROP TRIGGER as_if_full ON staff_cache")
        return
    run("PRAGMA max_page_count = 1")  # not below the pages that there are
    fill_free_pages()
    yield
    run("PRAGMA max_page_count = 1073741823")


def fill_free_pages() -> None:
    for number in range(100_000):
        try:
            with transaction.atomic():
                CacheEntry.objects.create(
                    cache_key=f"filler-{number}",
                    value="x" * 100,
                    expires="2030-01-01T00:00:00Z",
                )
        except DatabaseError:
            return
    pytest.fail("the disk did not become full")


@contextmanager
def read_only() -> Iterator[None]:
    if connection.vendor == "postgresql":
        with transaction.atomic():
            run("SET LOCAL transaction_read_only = on")
            yield
            transaction.set_rollback(True)
        return
    run("PRAGMA query_only = ON")
    yield
    run("PRAGMA query_only = OFF")


def test_nothing_of_the_write_is_left(client: Client) -> None:
    assert client.get("/readyz").json()["database"] == "ok"
    assert not CacheEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_named(client: Client) -> None:
    with full_disk():
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["database"] == "refuses writes: the disk is full"
    assert "database: refuses writes: the disk is full" in answer.json()["ill"]
    assert answer.json()["checkout"] == "open", "what can be read is told"
    caches["pages"].clear()
    assert client.get("/readyz").json()["database"] == "ok"


@pytest.mark.django_db(transaction=True)
def test_a_read_only_database_is_named(client: Client) -> None:
    with read_only():
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["database"] == "refuses writes: it is read-only"
    caches["pages"].clear()
    assert client.get("/readyz").json()["database"] == "ok"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
    reason="PostgreSQL locks no whole database",
)
def test_a_locked_database_keeps_the_probe_a_short_time_only(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_probe, "PATIENCE", 100)
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    answer = client.get("/readyz").json()["database"]

    other.rollback()
    other.close()
    assert answer == "refuses writes: it was locked for 3 s"
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (20_000,)


def test_many_askers_cause_one_write(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(pages, "ASKED_EVERY", 60.0)
    first = client.get("/readyz").json()

    with django_assert_num_queries(0):
        assert [client.get("/readyz").json() for _ in range(20)] == [first] * 20


def test_a_part_that_hangs_keeps_one_thread_only(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, goes_on = threading.Event(), threading.Event()

    def hang() -> dict[str, str]:
        asked.set()
        goes_on.wait(10)
        return {"database": "ok", "broker": "ok"}

    monkeypatch.setattr(pages, "ask_parts", hang)
    first = threading.Thread(target=pages.coalesced_answers)
    first.start()
    assert asked.wait(10)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["database"] == "no answer yet"
    goes_on.set()
    first.join()
    assert client.get("/readyz").status_code == 200
