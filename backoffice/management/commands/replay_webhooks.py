"""Apply events of Stripe whose webhooks never came in."""

from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import BROKEN_OFF, REFUSED, WRONG
from backoffice.cli.options import add_json_option
from backoffice.cli.output import print_json
from backoffice.cli.time_arguments import read_time
from checkout.payments.gateway import PaymentError
from checkout.webhooks.replay import Replay, replay
from shop import database_clock
from shop.formatting import date_and_time

# https://docs.stripe.com/api/events
_KEPT = timedelta(days=30)
_SHOW_EVERY = 100


class Command(BaseCommand):
    help = (
        "Read Stripe's own list of events and apply those that were not applied, after "
        "webhooks were lost or refused because of a wrong secret. Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since",
            type=read_time,
            required=True,
            help="read events since then: 30m, 2h, 1d, a date or ISO 8601",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="count, store and apply nothing"
        )
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        since = options["since"]
        if since >= database_clock.read():
            message = f"--since {since.isoformat()} is in the future"
            raise CommandError(message, returncode=WRONG)
        if since < database_clock.read() - _KEPT:
            self.stderr.write("Stripe keeps events for 30 days: older ones are gone.")
        try:
            done = replay(since, dry_run=options["dry_run"], on_progress=self._show)
        except PaymentError as error:
            message = f"Broken off: {error}. What was applied stays; run it again."
            raise CommandError(message, returncode=BROKEN_OFF) from error
        if options["json"]:
            print_json(self.stdout, {"since": since.isoformat(), **asdict(done)})
        else:
            self._write(since, done)
        if done.failed:
            message = f"{done.failed} events failed; the others were applied."
            raise CommandError(message, returncode=REFUSED)

    def _write(self, since: datetime, done: Replay) -> None:
        self.stdout.write(
            f"{done.seen} events since {date_and_time(since)}: "
            f"{done.missed} had never come in, {done.waiting} were not applied yet. "
            f"Applied: {done.applied}."
        )
        if done.set_aside:
            self.stdout.write(
                f"{done.set_aside} are set aside and not applied: see the list of "
                "provider events for the reason of each."
            )
        for error in done.errors:
            self.stderr.write(f"failed: {error}")

    def _show(self, seen: int) -> None:
        if self.stderr.isatty() and seen % _SHOW_EVERY == 0:
            self.stderr.write(f"\r{seen} events", ending="")
            self.stderr.flush()
