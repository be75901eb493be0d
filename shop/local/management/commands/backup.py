"""``manage.py backup``: copy the shop while it runs."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop.local.backups.copies import forget_oldest, make, size_of_all
from shop.local.backups.databases import BackupFailed
from shop.local.backups.manifest import DamagedBackup
from shop.progress import Progress

MEGABYTE = 1_000_000


class Command(BaseCommand):
    help = (
        "Copy database and pictures into a new folder, while the shop goes on, and "
        "check the copy: SQLite by its own backup, PostgreSQL by pg_dump. The broker "
        "holds nothing of value, and settings and secrets are yours to keep. Exit code "
        "1: no copy was made, and what was unfinished is removed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--into", required=True, metavar="FOLDER", help="where copies are kept"
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
        into = Path(options["into"]).expanduser().resolve()
        total = max(1, size_of_all() // MEGABYTE)
        bar = Progress(self.stderr, total)
        try:
            copied = make(into, lambda done: bar(min(total - 1, done // MEGABYTE)))
        except (BackupFailed, DamagedBackup, OSError) as error:
            message = f"No copy was made. {error}"
            raise CommandError(message) from error
        bar(total)
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


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
