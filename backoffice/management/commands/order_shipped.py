"""Record that an order's parcel has left the house, and tell its customer."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.actions import REFUSED
from backoffice.cli.sagas import find, print_json
from checkout.aftersales.dispatch import NotShippable, ship
from orders.models import Carrier, Order


class Command(BaseCommand):
    help = (
        "Mark an order as shipped; its customer gets a mail with the tracking number. "
        "One that was shipped before keeps what was recorded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("order", metavar="ORDER")
        parser.add_argument("--carrier", choices=Carrier.values, default="")
        parser.add_argument("--tracking", default="", metavar="NUMBER")
        parser.add_argument("--json", action="store_true", help="one JSON document")

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
        said = "shipped" if is_new else "was shipped before"
        if options["json"]:
            print_json(self.stdout, {"order": order.number, "said": said})
        else:
            self.stdout.write(f"{order.number}: {said}")
