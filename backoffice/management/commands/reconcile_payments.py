"""Compare Stripe, payments, orders and stock, and say what does not agree."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.cli.progress import Progress
from backoffice.cli.sagas import print_json
from backoffice.cli.time_arguments import moment
from checkout.payments.gateway import PaymentError
from checkout.reconciliation.compare import GRACE
from checkout.reconciliation.export import as_dict, run_as_dict, write_csv
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.reconciliation.run import reconcile
from checkout.reconciliation.store import wake_behind
from checkout.reconciliation.wording import command, remedy, sentence
from orders.models import Payment

# Exit codes; docs/operations/README.md lists them.
UNEXPLAINED = 1
WRONG = 2
BROKEN_OFF = 3


class Command(BaseCommand):
    help = (
        "Compare Stripe, payments, orders and stock. Moves no money and no goods. Exit "
        "code 1: something does not agree and nobody explained it yet. 3: Stripe did "
        "not answer; what was found up to there is kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since",
            type=moment,
            help="paid for since then: 24h, 7d, a date or ISO 8601 "
            "(default: RECONCILE_DAYS)",
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=GRACE.total_seconds(),
            metavar="SECONDS",
            help="what moved so recently is on its way, and is no mismatch",
        )
        parser.add_argument(
            "--wake",
            action="store_true",
            help="have Stripe asked about what went unnoticed here; no money moves",
        )
        parser.add_argument("--csv", metavar="FILE", help="write a table as well")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        since = options["since"] or _usual_start()
        if since >= timezone.now():
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
            raise CommandError(message, returncode=UNEXPLAINED)

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
            f"{run.intents} payments at Stripe since {run.since:%Y-%m-%d %H:%M}: "
            f"{run.found} mismatches, {run.fresh} new, {run.resolved} gone since."
        )
        for row in rows.iterator():
            mark = "explained" if row.explained_at else row.severity.value
            self.stdout.write(f"[{mark}] {row.get_kind_display()}: {sentence(row)}")
            told = f"by {row.explained_by}: {row.note}" if row.note else remedy(row)
            self.stdout.write(f"    {told}")
            if command(row) and not row.note:
                self.stdout.write(f"    {command(row)}")
        for number in woken:
            self.stdout.write(f"Woken: {number}")


def _usual_start() -> datetime:
    return timezone.now() - timedelta(days=settings.RECONCILE_DAYS)


def _writable(name: str | None) -> Path | None:
    """Make sure of the file before the long work. Raises CommandError."""
    if name is None:
        return None
    file = Path(name)
    try:
        file.open("a").close()
    except OSError as error:
        message = f"--csv {name} cannot be written: {error.strerror}"
        raise CommandError(message, returncode=WRONG) from error
    return file
