"""Make a copy of the shop while it runs, and put one back.

A copy is a folder: the database, the pictures, the port, and a manifest. It appears
under its name only when it is complete and was checked.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
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
    removed sooner than 30 days after the last row that shows it. A copy that fails is
    removed again: it would fill the disk that has to hold the next one. Raises
    BackupFailed, DamagedBackup, OSError.
    """
    now = timezone.now()
    name = f"{PREFIX}{now:%Y%m%d-%H%M%S}"
    partial = into / f"{name}{_PARTIAL}"
    partial.mkdir(parents=True)
    partial.chmod(0o700)  # it holds names, addresses and hashes of passwords
    try:
        manifest = _fill(partial, now, on_progress)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    partial.rename(into / name)
    return Copied(into / name, manifest)


def _fill(partial: Path, now: datetime, on_progress: OnProgress) -> Manifest:
    """Write a copy into the folder, check it, and have the disk hold it."""
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
    return manifest


def size_of_all() -> int:
    """Return about how many bytes a copy will have."""
    files = [source for source, _name in _others()]
    if connection.vendor == SQLITE:
        files.append(Path(_described()["NAME"]))
    return sum(file.stat().st_size for file in files if file.exists())


def forget_oldest(into: Path, keep: int) -> list[Path]:
    """Remove all but the newest ``keep`` finished copies. Return what was removed.

    What a killed process left unfinished goes with the copies of its time.
    """
    found = sorted(folder for folder in into.glob(f"{PREFIX}*") if folder.is_dir())
    kept = [folder for folder in found if folder.suffix != _PARTIAL][-keep:]
    removed = [folder for folder in found if folder < kept[0]]
    for folder in removed:
        shutil.rmtree(folder)
    return removed


def restore(source: Path, on_progress: OnProgress, *, aside: bool = False) -> Manifest:
    """Put a copy back where the settings say the shop is. Return its manifest.

    All is checked before anything is written. With ``aside``, the files of a shop on
    SQLite are moved to a folder beside them first; its provider's sandbox stays, as
    the outside world does. The database comes last: until it is there, what was broken
    off can be repeated. Raises DamagedBackup, OtherDatabase, TargetInUse,
    AlreadyRunning, BackupFailed, OSError.
    """
    manifest = verify(source, on_progress)
    kind = connection.vendor
    if manifest.database != kind:
        raise OtherDatabase(manifest.database, kind)
    _CHECKS[kind](source)
    lock = take_lock(settings.PATHS.lock_file, lambda _text: None)
    try:
        _require_no_shop(kind, aside=aside)
        connection.close()
        _put_back_files(source, manifest)
        if kind == SQLITE:
            _put_back_sqlite(source)
        else:
            load_postgresql(_described(), source / FILES[POSTGRESQL])
    finally:
        os.close(lock)
    return manifest


def _require_no_shop(kind: str, *, aside: bool) -> None:
    """Raise TargetInUse if there is a shop that may not be moved aside."""
    name = str(_described()["NAME"])
    if kind == SQLITE and not aside and _files_of(Path(name)):
        raise TargetInUse(name)
    if kind == POSTGRESQL and connection.introspection.table_names():
        where = f"The database {name}"
        raise TargetInUse(where)


def _files_of(database: Path) -> list[Path]:
    """Return the files that SQLite takes for one database, as far as they exist."""
    # With the journal of another file SQLite would destroy this one.
    ends = ("", "-wal", "-shm")
    files = [database.with_name(f"{database.name}{end}") for end in ends]
    return [file for file in files if file.exists()]


def _put_back_sqlite(source: Path) -> None:
    database = Path(_described()["NAME"])
    if present := _files_of(database):
        place = database.parent / f"before-restore-{timezone.now():%Y%m%d-%H%M%S}"
        place.mkdir()
        for file in present:
            file.rename(place / file.name)
    _put_back(source / FILES[SQLITE], database)


def _put_back_files(source: Path, manifest: Manifest) -> None:
    for name in manifest.files:
        if name.startswith(f"{_MEDIA}/"):
            file = Path(settings.MEDIA_ROOT) / name.removeprefix(f"{_MEDIA}/")
            # Named by its content: one that is there is the same.
            if not file.exists():
                _put_back(source / name, file)
    ports = settings.PATHS.ports_file
    if ports.name in manifest.files and not ports.exists():
        _put_back(source / ports.name, ports)


def _put_back(copy: Path, file: Path) -> None:
    """Copy a file so that it is there as a whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}{_PARTIAL}")
    shutil.copyfile(copy, partial)
    partial.rename(file)


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
