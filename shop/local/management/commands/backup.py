"""``manage.py backup``: copy the shop while it runs."""

import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from shop import database_clock
from shop.local.backups.copies import forget_oldest, make, size_of_all
from shop.local.backups.databases import BackupFailed
from shop.local.backups.manifest import DamagedBackup
from shop.local.models import record_backup
from shop.progress import Progress

MEGABYTE = 1_000_000


class Command(BaseCommand):
    help = (
        "Copy database and pictures into a new folder, while the shop goes on, and "
        "check the copy: SQLite by its own backup, PostgreSQL by pg_dump. The broker "
        "holds nothing of value, and settings and secrets are yours to keep. Exit code "
        "1: no copy was made, and what was unfinished is removed. When it was made is "
        "kept in the database, for the metric todoku_backup_age_seconds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        kind = parser.add_mutually_exclusive_group(required=True)
        kind.add_argument("--into", metavar="FOLDER", help="where copies are kept")
        kind.add_argument(
            "--made-elsewhere",
            action="store_true",
            help="copy nothing: only record that another program has made a good copy",
        )
        parser.add_argument(
            "--keep",
            type=_number,
            metavar="N",
            help="afterwards remove all but the newest N copies in FOLDER",
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON document"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["made_elsewhere"]:
            record_backup(database_clock.read())
            self.stdout.write("Recorded: a copy was made now.")
            return
        begun_at = database_clock.read()
        into = Path(options["into"]).expanduser().resolve()
        total = max(1, size_of_all() // MEGABYTE)
        bar = Progress(self.stderr, total)
        try:
            copied = make(into, lambda done: bar(min(total - 1, done // MEGABYTE)))
        except (BackupFailed, DamagedBackup, OSError) as error:
            message = f"No copy was made. {error}"
            raise CommandError(message) from error
        bar(total)
        self._record(begun_at)
        removed = forget_oldest(into, options["keep"]) if options["keep"] else []
        if options["json"]:
            document = {
                "folder": str(copied.folder),
                "made_at": copied.manifest.made_at,
                "files": len(copied.manifest.files),
                "bytes": copied.manifest.size,
                "removed": [str(folder) for folder in removed],
            }
            self.stdout.write(json.dumps(document, indent=2))
            return
        self.stdout.write(
            f"{copied.folder}: {len(copied.manifest.files)} files, "
            f"{copied.manifest.size / MEGABYTE:.1f} MB, checked."
        )
        for folder in removed:
            self.stdout.write(f"Removed: {folder}")

    def _record(self, begun_at: datetime) -> None:
        """Have monitoring know of the copy. Without it the copy is as good."""
        try:
            record_backup(begun_at)
        except Error as error:
            self.stderr.write(f"The copy is good, but was not recorded: {error}")


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
