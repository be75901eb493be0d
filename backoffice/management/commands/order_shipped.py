"""Mark an order as shipped and mail the tracking number to its customer."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REFUSED
from backoffice.cli.options import add_json_option
from backoffice.cli.output import print_json
from backoffice.cli.sagas import find
from checkout.aftersales.dispatch import ship
from checkout.aftersales.dispatch_errors import NotShippable
from orders.models import Carrier, Order


class Command(BaseCommand):
    help = (
        "Mark an order as shipped; its customer gets a mail with the tracking number. "
        "An order that was shipped before stays as it was recorded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("order", metavar="ORDER", help="the order's number")
        parser.add_argument(
            "--carrier", choices=Carrier.values, default="", help="who carries it"
        )
        parser.add_argument(
            "--tracking", default="", metavar="NUMBER", help="the tracking number"
        )
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        find([options["order"]])
        order = Order.objects.get(number=options["order"])
        try:
            is_new = ship(
                order,
                carrier=options["carrier"],
                tracking_number=options["tracking"].strip(),
                actor=getpass.getuser(),
            )
        except NotShippable as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        message = "shipped" if is_new else "was shipped before"
        if options["json"]:
            print_json(self.stdout, {"order": order.number, "said": message})
        else:
            self.stdout.write(f"{order.number}: {message}")
