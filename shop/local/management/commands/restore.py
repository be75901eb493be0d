"""``manage.py restore``: put a copy of the shop back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop.local.backups.copies import OtherDatabase, TargetInUse, restore
from shop.local.backups.databases import BackupFailed
from shop.local.backups.manifest import DamagedBackup, read_manifest
from shop.local.locks import AlreadyRunning
from shop.progress import Progress

MEGABYTE = 1_000_000
NEXT = """\
Restored: the shop of {made_at}. Now, before customers come back:
  python manage.py migrate
  start the sweeper and the workers, then
  python manage.py replay_webhooks --since 24h
  python manage.py reconcile_payments --since 2d --wake
Orders since then are unknown here, and their charges are listed as
charge_without_order: docs/how-to/backup.md says what to do with each."""


class Command(BaseCommand):
    help = (
        "Put a copy that `backup` made into an empty DATA_DIR or database, after "
        "checking each of its files. Nothing is overwritten. Exit code 1: refused, or "
        "not finished; the message says why, and whether to give it again."
    )
    # The tables are not there yet.
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", help="the copy")
        parser.add_argument(
            "--aside",
            action="store_true",
            help="move the files of a shop on SQLite that is there into "
            "DATA_DIR/before-restore-TIME first",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        folder = Path(options["folder"]).expanduser().resolve()
        try:
            total = max(1, read_manifest(folder).size // MEGABYTE)
            bar = Progress(self.stderr, total)
            manifest = restore(
                folder,
                lambda done: bar(min(total, done // MEGABYTE)),
                aside=options["aside"],
            )
        except (
            AlreadyRunning,
            BackupFailed,
            DamagedBackup,
            OtherDatabase,
            TargetInUse,
        ) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            message = (
                f"Not everything was put back: {error}. Mend that, and give the "
                "command again: it goes on where it stopped."
            )
            raise CommandError(message) from error
        self.stdout.write(NEXT.format(made_at=manifest.made_at))
