"""Make events of rows of before."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import WRONG
from backoffice.cli.options import add_json_option
from backoffice.cli.output import print_json
from events.history import collect
from events.types import all_sources
from shop.progress import Counting


class Command(BaseCommand):
    help = (
        "Make events of rows that were written before the shop had events, or whose "
        "events were removed by age. They are delivered to nobody: see events_replay "
        "and statistics_build. Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--source", default="", metavar="NAME", help="only this source"
        )
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        wanted = options["source"]
        sources = [each for each in all_sources() if wanted in ("", each.name)]
        if not sources:
            known = ", ".join(sorted(each.name for each in all_sources()))
            message = f"no source is called {wanted}: there are {known}"
            raise CommandError(message, returncode=WRONG)
        made = {
            each.name: collect(each, Counting(self.stderr, each.name))
            for each in sources
            if each.keys is not None
        }
        if options["json"]:
            print_json(self.stdout, made)
            return
        for name, number in made.items():
            self.stdout.write(f"{name}: {number} new events, delivered to nobody.")
