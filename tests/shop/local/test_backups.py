"""A copy is the shop of one moment, is checked, and never overwrites another shop."""

import errno
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Event, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from pytest_django.fixtures import Settings

from shop import database_clock
from shop.catalogue.models import Product
from shop.configuration.meanings import MEANINGS
from shop.database_clock import Now
from shop.local.backups.copies import make
from shop.local.backups.databases import (
    BackupFailed,
    copy_sqlite,
    dump_postgresql,
)
from shop.local.backups.manifest import NAME, read_manifest
from shop.local.locks import take_lock
from shop.local.management.commands import backup as command
from shop.local.models import LastBackup, record_backup
from shop.local.paths import Paths
from shop.metrics.state import of_backups
from tests.support import postgres
from tests.support.catalogue import make_product

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.long,
]
only_sqlite = pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="is about the files of SQLite"
)


@pytest.fixture(autouse=True)
def shop(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Product:
    """A shop of one product with a picture, whose files are below the test's folder."""
    monkeypatch.setenv(
        "PATH", f"{postgres.package() / postgres.BIN}:{os.environ['PATH']}"
    )
    settings.PATHS = Paths(tmp_path / "data")
    settings.MEDIA_ROOT = str(settings.PATHS.media_dir)
    settings.PATHS.record_port(8123)
    product = make_product(pictures=0)
    picture = settings.PATHS.media_dir / "pictures" / "a.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"a picture")
    return product


def backup(into: Path, *options: str) -> Path:
    out = StringIO()
    call_command("backup", "--into", str(into), "--json", *options, stdout=out)
    return Path(json.loads(out.getvalue())["folder"])


@contextmanager
def another_database(folder: Path) -> Iterator[None]:
    """Let Django use an empty database, as on a new machine."""
    configured, before = connection.settings_dict, connection.settings_dict["NAME"]
    name = f"{before}_new"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    new = str(folder / "db.sqlite3") if connection.vendor == "sqlite" else name
    configured["NAME"] = new
    try:
        yield
    finally:
        connection.close()
        configured["NAME"] = before
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}"')


def test_what_was_copied_comes_back_on_a_new_machine(
    tmp_path: Path, settings: Settings, shop: Product
) -> None:
    folder = backup(tmp_path / "copies")
    settings.PATHS = Paths(tmp_path / "new")
    settings.MEDIA_ROOT = str(settings.PATHS.media_dir)

    with another_database(tmp_path / "new"):
        call_command("restore", str(folder), stdout=StringIO())

        assert Product.objects.get().slug == shop.slug
        with pytest.raises(CommandError, match="is not overwritten"):
            call_command("restore", str(folder))
        assert Product.objects.count() == 1

    assert (tmp_path / "new/media/pictures/a.png").read_bytes() == b"a picture"
    assert settings.PATHS.recorded_port() == 8123
    assert folder.stat().st_mode & 0o077 == 0, "others could read it"


def test_a_shop_is_not_overwritten(tmp_path: Path) -> None:
    folder = backup(tmp_path / "copies")

    with pytest.raises(CommandError, match="is not overwritten"):
        call_command("restore", str(folder))

    assert Product.objects.count() == 1


def test_a_copy_that_was_changed_is_refused(tmp_path: Path) -> None:
    folder = backup(tmp_path / "copies")
    (folder / "media/pictures/a.png").write_bytes(b"A picture")

    with pytest.raises(CommandError, match=r"a\.png is not the file that was written"):
        call_command("restore", str(folder))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "was not finished"),
        ("{", "cannot be read"),
        ('{"format": 99}', "another version"),
    ],
)
def test_what_is_no_copy_is_refused(
    tmp_path: Path, text: str | None, reason: str
) -> None:
    if text is not None:
        (tmp_path / NAME).write_text(text)

    with pytest.raises(CommandError, match=reason):
        call_command("restore", str(tmp_path))


@pytest.mark.parametrize("name", ["media/../../etc/passwd", "/etc/passwd"])
def test_a_copy_that_names_a_file_outside_of_it_is_refused(
    tmp_path: Path, name: str
) -> None:
    folder = backup(tmp_path / "copies")
    manifest = json.loads((folder / NAME).read_text())
    manifest["files"][name] = {"size": 1, "sha256": "0"}
    (folder / NAME).write_text(json.dumps(manifest))

    with pytest.raises(CommandError, match="it names a file outside of it"):
        call_command("restore", str(folder))


def test_a_copy_of_the_other_database_is_refused(tmp_path: Path) -> None:
    folder = backup(tmp_path / "copies")
    text = (folder / NAME).read_text()
    ours = f'"database": "{connection.vendor}"'
    (folder / NAME).write_text(text.replace(ours, '"database": "elsewhere"'))

    with pytest.raises(CommandError, match="This copy is of elsewhere"):
        call_command("restore", str(folder))


def age_of_backup() -> float | None:
    (family,) = of_backups()
    return family.samples[0].value if family.samples else None


def test_monitoring_knows_how_old_the_last_good_copy_is(tmp_path: Path) -> None:
    assert age_of_backup() is None
    backup(tmp_path / "copies")
    LastBackup.objects.update(begun_at=Now(timedelta(days=-2)))
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(CommandError, match="No copy was made"):
        backup(tmp_path / "file")
    assert age_of_backup() == pytest.approx(2 * 86400, abs=60)

    backup(tmp_path / "others")
    assert age_of_backup() == pytest.approx(0, abs=60)


def test_a_copy_that_another_program_made_is_recorded_alone(tmp_path: Path) -> None:
    call_command("backup", "--made-elsewhere", stdout=StringIO())
    record_backup(database_clock.read() - timedelta(days=3))

    assert age_of_backup() == pytest.approx(0, abs=60)
    assert not any(tmp_path.glob("**/manifest*"))


def test_a_copy_that_could_not_be_recorded_is_as_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_begun_at: object) -> None:
        message = "the database is read-only"
        raise OperationalError(message)

    monkeypatch.setattr(command, "record_backup", refuse)
    told = StringIO()

    call_command("backup", "--into", str(tmp_path), stdout=StringIO(), stderr=told)

    assert "good, but was not recorded: the database is read-only" in told.getvalue()
    assert len(list(tmp_path.glob("*/manifest*"))) == 1


def test_only_the_newest_copies_are_kept(tmp_path: Path) -> None:
    into = tmp_path / "copies"
    killed, running = (f"todoku-{year}0102-000000.partial" for year in (2020, 2099))
    for name in ("todoku-20200101-000000", killed, running, "mine"):
        (into / name).mkdir(parents=True)

    newest = backup(into, "--keep", "1")

    assert sorted(folder.name for folder in into.iterdir()) == [
        "mine",
        newest.name,
        running,
    ]


def test_a_copy_that_fails_leaves_nothing_on_the_disk(tmp_path: Path) -> None:
    def fill_the_disk(_done: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        make(tmp_path / "copies", fill_the_disk)

    assert list((tmp_path / "copies").iterdir()) == []


def test_a_restore_that_was_broken_off_can_be_given_again(
    tmp_path: Path, settings: Settings, shop: Product
) -> None:
    folder = backup(tmp_path / "copies")
    settings.PATHS = Paths(tmp_path / "new")
    settings.MEDIA_ROOT = str(settings.PATHS.media_dir)
    in_the_way = settings.PATHS.media_dir / "pictures"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where a folder should be")

    with another_database(tmp_path / "new"):
        with pytest.raises(CommandError, match="Not everything was put back"):
            call_command("restore", str(folder), stdout=StringIO())
        in_the_way.unlink()
        call_command("restore", str(folder), stdout=StringIO())

        assert Product.objects.get().slug == shop.slug
    assert (in_the_way / "a.png").read_bytes() == b"a picture"


def test_the_programs_of_postgresql_encrypt_as_the_shop_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\necho "$PGSSLMODE $PGSSLROOTCERT" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    url = "postgres://h/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem"
    described = MEANINGS["DATABASE_URL"].read(url)

    with pytest.raises(BackupFailed, match=r"verify-full /etc/ca\.pem"):
        dump_postgresql(described, tmp_path / "dump")


@only_sqlite
def test_nothing_is_restored_while_the_shop_runs(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.local.locks.WAIT_SECONDS", 0.0)
    folder = backup(tmp_path / "copies")
    lock = take_lock(settings.PATHS.lock_file, print)

    with pytest.raises(CommandError, match="Already running"):
        call_command("restore", str(folder), "--aside")

    os.close(lock)


@only_sqlite
def test_a_shop_that_is_there_can_be_moved_aside(tmp_path: Path) -> None:
    folder = backup(tmp_path / "copies")
    with another_database(tmp_path):
        database = Path(connection.settings_dict["NAME"])
        database.write_bytes(b"what was there")

        call_command("restore", str(folder), "--aside", stdout=StringIO())

        assert Product.objects.count() == 1
    (aside,) = tmp_path.glob("before-restore-*/db.sqlite3")
    assert aside.read_bytes() == b"what was there"


def two_tables(file: Path) -> Path:
    """Make a database of 2 MB whose tables have the same number of rows."""
    with closing(sqlite3.connect(file)) as shop:
        shop.execute("PRAGMA journal_mode=WAL")
        shop.execute("CREATE TABLE a (n INTEGER, filler BLOB)")
        shop.execute("CREATE TABLE b (n INTEGER)")
        rows = [(number,) for number in range(2_000)]
        shop.executemany("INSERT INTO a VALUES (?, randomblob(1000))", rows)
        shop.executemany("INSERT INTO b VALUES (?)", rows)
        shop.commit()
    return file


@only_sqlite
def test_a_copy_beside_a_writer_is_of_one_moment(tmp_path: Path) -> None:
    """Two tables that are always written together never differ in a copy."""
    source, ended = two_tables(tmp_path / "source.sqlite3"), Event()

    def write() -> None:
        with closing(sqlite3.connect(source)) as writer:
            while not ended.is_set():
                writer.execute("INSERT INTO a VALUES (1, randomblob(1000))")
                writer.execute("INSERT INTO b VALUES (1)")
                writer.commit()

    thread = Thread(target=write)
    thread.start()
    reports: list[int] = []
    try:
        copy_sqlite(source, tmp_path / "copy.sqlite3", reports.append)
    finally:
        ended.set()
        thread.join()

    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as copy:
        (a,) = copy.execute("SELECT count(*) FROM a").fetchone()
        (b,) = copy.execute("SELECT count(*) FROM b").fetchone()
    assert a == b >= 2_000
    assert len(reports) > 1
    assert reports == sorted(reports)


def test_the_manifest_names_every_file(tmp_path: Path) -> None:
    folder = backup(tmp_path / "copies")

    named = set(read_manifest(folder).files)

    assert named | {NAME} == {
        str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()
    }
    assert {"ports.json", "media/pictures/a.png"} < named
