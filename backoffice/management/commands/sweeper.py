"""Run the sweeper: it does everything that is overdue."""

import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from backoffice.cli.options import add_json_option
from backoffice.cli.output import print_json
from checkout.periodic_jobs import STREAM, JobsFailed, run_once, stream_in_background
from checkout.reconciliation.run import reconcile_in_background
from events.bulkheads import PATIENCE, send_in_background, send_once
from saga.heartbeat import Pulse
from shop.database.messages import log_failure
from shop.processes.service_manager import READY, WATCHDOG, notify

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Enqueue overdue sagas (or run them here when no worker can be reached), "
        "deliver alerts, expire holds, send webhooks, reconcile payments once a day. "
        "Needs only the database. Several may run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="sweep once and exit")
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["once"]:
            try:
                done = run_once()
            except JobsFailed as error:
                raise CommandError(str(error)) from error
            send_once()
            if options["json"]:
                print_json(self.stdout, done)
            else:
                self.stdout.write(", ".join(f"{what}: {n}" for what, n in done.items()))
            return
        self._repeat()

    def _repeat(self) -> None:
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_args: ended.set())
        self.stdout.write(f"sweeping every {settings.SWEEPER_INTERVAL:g} s")
        self.stdout.flush()
        notify(READY)
        pulse = Pulse("sweeper")
        reconcile_in_background(ended)
        stream = stream_in_background(ended)
        sending = send_in_background(ended)
        while not ended.is_set():
            try:
                pulse.pass_by()
                # The events have a thread of their own, unless it has died.
                run_once(but=STREAM if stream.is_alive() else ())
            except JobsFailed as error:
                # Logged with their traces, and staff are alerted.
                logger.warning("%s", error)
            except Error as error:
                # The sweeper has to outlast a database that is away.
                log_failure("could not sweep; trying again", error)
            # Also while the database is away: a new sweeper would not reach it.
            notify(WATCHDOG)
            ended.wait(settings.SWEEPER_INTERVAL)
        sending.join(PATIENCE + 1)
