"""Make a copy of the shop while it runs, and put one back.

A copy is a folder: the database, the pictures, the port, and a manifest. It appears
under its name only when it is complete and was checked.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from shop.local.backups.databases import (
    FILES,
    POSTGRESQL,
    SQLITE,
    check_postgresql,
    check_sqlite,
    copy_sqlite,
    dump_postgresql,
    load_postgresql,
)
from shop.local.backups.manifest import Manifest, OnProgress, measure, verify
from shop.local.locks import take_lock

PREFIX = "todoku-"
_PARTIAL = ".partial"
_MEDIA = "media"
_CHECKS = {SQLITE: check_sqlite, POSTGRESQL: check_postgresql}


class TargetInUse(Exception):
    """There is a shop where one is to be restored; it is never overwritten."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where} has a shop already, and it is not overwritten. Restore into an "
            "empty DATA_DIR or database, or let --aside move the files of SQLite away."
        )


class OtherDatabase(Exception):
    """A copy of one kind of database cannot be restored into another."""

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(
            f"This copy is of {found}, and DATABASE_URL names {wanted}. Set "
            "DATABASE_URL to a database of the copy's kind. Nothing was changed."
        )


@dataclass(frozen=True)
class Copied:
    """A finished copy."""

    folder: Path
    manifest: Manifest


def make(into: Path, on_progress: OnProgress) -> Copied:
    """Copy database and pictures into a new folder below ``into``, and check it.

    The database comes first: a picture that is not in it yet does no harm, and none is
    removed sooner than 30 days after the last row that shows it. Raises BackupFailed,
    DamagedBackup, OSError.
    """
    now = timezone.now()
    name = f"{PREFIX}{now:%Y%m%d-%H%M%S}"
    partial = into / f"{name}{_PARTIAL}"
    # Of this name only a copy that was broken off can be left.
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    partial.chmod(0o700)  # it holds names, addresses and hashes of passwords
    kind = connection.vendor
    target = partial / FILES[kind]
    if kind == SQLITE:
        copy_sqlite(Path(_described()["NAME"]), target, on_progress)
    else:
        dump_postgresql(_described(), target)
    done = target.stat().st_size
    for source, file in _others():
        copy = partial / file
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        done += copy.stat().st_size
        on_progress(done)
    _CHECKS[kind](partial)
    files = {
        str(file.relative_to(partial)): measure(file)
        for file in sorted(partial.rglob("*"))
        if file.is_file()
    }
    manifest = Manifest(now.isoformat(), kind, files)
    manifest.write(partial)
    _reach_the_disk(partial)
    partial.rename(into / name)
    return Copied(into / name, manifest)


def size_of_all() -> int:
    """Return about how many bytes a copy will have."""
    files = [source for source, _name in _others()]
    if connection.vendor == SQLITE:
        files.append(Path(_described()["NAME"]))
    return sum(file.stat().st_size for file in files if file.exists())


def forget_oldest(into: Path, keep: int) -> list[Path]:
    """Remove all but the newest ``keep`` finished copies. Return what was removed."""
    found = sorted(
        folder
        for folder in into.glob(f"{PREFIX}*")
        if folder.is_dir() and not folder.name.endswith(_PARTIAL)
    )
    for folder in found[:-keep]:
        shutil.rmtree(folder)
    return found[:-keep]


def restore(source: Path, on_progress: OnProgress, *, aside: bool = False) -> Manifest:
    """Put a copy back where the settings say the shop is. Return its manifest.

    All is checked before anything is written. With ``aside``, the files of a shop on
    SQLite are moved to a folder beside them first; its provider's sandbox stays, as
    the outside world does. Raises DamagedBackup, OtherDatabase, TargetInUse,
    AlreadyRunning, BackupFailed.
    """
    manifest = verify(source, on_progress)
    kind = connection.vendor
    if manifest.database != kind:
        raise OtherDatabase(manifest.database, kind)
    _CHECKS[kind](source)
    lock = take_lock(settings.PATHS.lock_file, lambda _text: None)
    try:
        if kind == SQLITE:
            _put_back_sqlite(source, aside=aside)
        else:
            _put_back_postgresql(source)
        _put_back_files(source, manifest)
    finally:
        os.close(lock)
    return manifest


def _put_back_sqlite(source: Path, *, aside: bool) -> None:
    database = Path(_described()["NAME"])
    # With the journal of another file SQLite would destroy this one.
    present = [
        file
        for file in (
            database,
            *(database.with_name(f"{database.name}{end}") for end in ("-wal", "-shm")),
        )
        if file.exists()
    ]
    if present and not aside:
        raise TargetInUse(str(database))
    connection.close()
    if present:
        place = database.parent / f"before-restore-{timezone.now():%Y%m%d-%H%M%S}"
        place.mkdir()
        for file in present:
            file.rename(place / file.name)
    partial = database.with_name(f"{database.name}{_PARTIAL}")
    database.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / FILES[SQLITE], partial)
    partial.rename(database)


def _put_back_postgresql(source: Path) -> None:
    if connection.introspection.table_names():
        where = f"The database {_described()['NAME']}"
        raise TargetInUse(where)
    connection.close()
    load_postgresql(_described(), source / FILES[POSTGRESQL])


def _put_back_files(source: Path, manifest: Manifest) -> None:
    for name in manifest.files:
        if name.startswith(f"{_MEDIA}/"):
            file = Path(settings.MEDIA_ROOT) / name.removeprefix(f"{_MEDIA}/")
            # Named by its content: one that is there is the same.
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / name, file)
    ports = settings.PATHS.ports_file
    if ports.name in manifest.files and not ports.exists():
        shutil.copyfile(source / ports.name, ports)


def _others() -> Iterator[tuple[Path, str]]:
    """Yield each file beside the database, and its name in a copy."""
    root = Path(settings.MEDIA_ROOT)
    for file in sorted(root.rglob("*")) if root.is_dir() else ():
        if file.is_file():
            yield file, f"{_MEDIA}/{file.relative_to(root)}"
    ports = settings.PATHS.ports_file
    if ports.exists():
        yield ports, ports.name


def _described() -> dict[str, Any]:
    return connection.settings_dict


def _reach_the_disk(folder: Path) -> None:
    """Have the disk hold all files before the copy gets its name."""
    for file in [*folder.rglob("*"), folder]:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
