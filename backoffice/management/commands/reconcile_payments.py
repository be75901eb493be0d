"""Compare Stripe, payments, orders and stock, and list what does not agree."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from backoffice.cli.exit_codes import BROKEN_OFF, REFUSED, WRONG
from backoffice.cli.options import add_json_option
from backoffice.cli.output import print_json
from backoffice.cli.time_arguments import read_time
from checkout.payments.gateway import PaymentError
from checkout.reconciliation.compare import GRACE
from checkout.reconciliation.export import as_dict, run_as_dict, write_csv
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.reconciliation.remedies import command, remedy
from checkout.reconciliation.run import reconcile
from checkout.reconciliation.store import wake_behind
from checkout.reconciliation.wording import sentence
from orders.models import Payment
from shop import database_clock
from shop.formatting import date_and_time
from shop.progress import Progress


class Command(BaseCommand):
    help = (
        "Compare Stripe, payments, orders and stock. Moves no money and no goods. Exit "
        "code 1: something does not agree and is not explained yet. 3: Stripe did not "
        "answer; what was found before is kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since",
            type=read_time,
            help="compare payments since then: 24h, 7d, a date or ISO 8601 "
            "(default: RECONCILE_DAYS)",
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=GRACE.total_seconds(),
            metavar="SECONDS",
            help="changes younger than this are not compared",
        )
        parser.add_argument(
            "--wake",
            action="store_true",
            help="wake the orders that missed a change at Stripe; no money moves",
        )
        parser.add_argument("--csv", metavar="FILE", help="write a table as well")
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        since = options["since"] or _usual_start()
        if since >= database_clock.read():
            message = f"--since {since.isoformat()} is in the future"
            raise CommandError(message, returncode=WRONG)
        file = _writable(options["csv"])
        run = self._run(since, timedelta(seconds=options["grace"]))
        rows = Mismatch.objects.open().order_by("pk")
        woken = wake_behind() if options["wake"] else []
        if file:
            with file.open("w", newline="", encoding="utf-8-sig") as table:
                write_csv(table, rows.iterator())
        if options["json"]:
            document = {
                **run_as_dict(run),
                "woken": woken,
                "mismatches": [as_dict(row) for row in rows],
            }
            print_json(self.stdout, document)
        else:
            self._say(run, rows, woken)
        unexplained = Mismatch.objects.unexplained().count()
        if unexplained:
            message = (
                f"{unexplained} unexplained: settle them, or explain them in the admin"
            )
            raise CommandError(message, returncode=REFUSED)

    def _run(self, since: datetime, grace: timedelta) -> ReconciliationRun:
        placed = Payment.objects.filter(order__placed_at__gte=since).count()
        progress = Progress(self.stderr, placed + 1)
        try:
            run = reconcile(
                since, grace=grace, on_progress=lambda done: progress(min(done, placed))
            )
        except PaymentError as error:
            message = f"Broken off: {error}. What was found is kept; run it again."
            raise CommandError(message, returncode=BROKEN_OFF) from error
        progress(placed + 1)
        return run

    def _say(
        self, run: ReconciliationRun, rows: QuerySet[Mismatch], woken: list[str]
    ) -> None:
        self.stdout.write(
            f"{run.intents} payments at Stripe since {date_and_time(run.since)}: "
            f"{run.found} mismatches, {run.fresh} new, {run.resolved} gone since."
        )
        if run.unreadable:
            self.stdout.write(f"{run.unreadable} could not be read.")
        for row in rows.iterator():
            mark = "explained" if row.explained_at else row.severity.value
            self.stdout.write(f"[{mark}] {row.get_kind_display()}: {sentence(row)}")
            more = f"by {row.explained_by}: {row.note}" if row.note else remedy(row)
            self.stdout.write(f"    {more}")
            if command(row) and not row.note:
                self.stdout.write(f"    {command(row)}")
        for number in woken:
            self.stdout.write(f"Woken: {number}")


def _usual_start() -> datetime:
    return database_clock.read() - timedelta(days=settings.RECONCILE_DAYS)


def _writable(name: str | None) -> Path | None:
    """Check before the long work that the file can be written; raise CommandError."""
    if name is None:
        return None
    file = Path(name)
    try:
        file.open("a").close()
    except OSError as error:
        message = f"--csv {name} cannot be written: {error.strerror}"
        raise CommandError(message, returncode=WRONG) from error
    return file
