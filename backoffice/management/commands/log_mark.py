"""``manage.py log_mark``: the mark that stands in the log for a name or an address."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from backoffice.cli.options import add_json_option
from backoffice.cli.output import print_json
from shop.logs.privacy import mark
from shop.web.client_address import client_of


class Command(BaseCommand):
    help = (
        "Prints the mark that stands in the log for the name of a member of staff or "
        "for an internet address, so that its lines can be found."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("text", help="the name or the address")
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        # An address as it is counted: IPv6 by its network.
        found = mark(client_of(options["text"]) or options["text"])
        if options["json"]:
            print_json(self.stdout, {"mark": found})
        else:
            self.stdout.write(found)
