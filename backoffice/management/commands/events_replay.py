"""Deliver events of the past to a consumer again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REFUSED, WRONG
from backoffice.cli.options import add_dry_run_option, add_json_option
from backoffice.cli.output import print_json
from backoffice.cli.time_arguments import read_time
from events.consumers import Consumer, all_consumers, find_consumer
from events.replay import Period, TellsPeople, chosen, replay
from shop.progress import Progress


class Command(BaseCommand):
    help = (
        "Deliver the events of a period to one consumer again, or for the first time: "
        "the worker and the sweeper do it, oldest first. Safe to repeat. A consumer "
        "that sends mails or webhooks gets them only with --send."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--consumer", required=True, metavar="NAME", help="whom to deliver to"
        )
        parser.add_argument(
            "--since", type=read_time, metavar="TIME", help="not those before it"
        )
        parser.add_argument(
            "--until", type=read_time, metavar="TIME", help="not those from it on"
        )
        parser.add_argument("--type", default="", metavar="TYPE", help="only this type")
        parser.add_argument(
            "--send",
            action="store_true",
            help="also to a consumer that writes to people or to other systems",
        )
        add_dry_run_option(parser)
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        consumer = _find(options["consumer"])
        period = Period(options["since"], options["until"], options["type"])
        number = chosen(consumer, period).count()
        if not options["dry_run"]:
            progress = Progress(self.stderr, number)
            try:
                replay(consumer, period, progress, sends=options["send"])
            except TellsPeople as error:
                message = f"{error}: add --send"
                raise CommandError(message, returncode=REFUSED) from error
        if options["json"]:
            print_json(self.stdout, {"consumer": consumer.name, "events": number})
            return
        verb = "Would deliver" if options["dry_run"] else "Delivers"
        self.stdout.write(f"{verb} {number} events to {consumer.name} again.")


def _find(name: str) -> Consumer:
    consumer = find_consumer(name)
    if consumer is None:
        known = ", ".join(sorted(each.name for each in all_consumers()))
        message = f"no consumer is called {name}: there are {known}"
        raise CommandError(message, returncode=WRONG)
    return consumer
