"""Call the parcel of an order off: its goods go back into stock."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REFUSED, WRONG
from backoffice.cli.options import add_dry_run_option, add_json_option, check_reason
from backoffice.cli.output import print_json
from backoffice.cli.sagas import find
from backoffice.order_overview import read_overviews
from backoffice.previews.order import preview_call_off
from checkout.aftersales.call_offs import call_off
from checkout.aftersales.dispatch import check_may_be_called_off
from checkout.aftersales.dispatch_errors import NotShippable, StillPaid
from orders.models import Order


class Command(BaseCommand):
    help = (
        "Call off the parcel of an order of whose charge nothing is left: the goods go "
        "back into stock and the customer gets a mail. Refused while it is paid, and "
        "after it was shipped. A parcel that was called off before stays so."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("order", metavar="ORDER", help="the order's number")
        parser.add_argument(
            "--reason", required=True, help="kept in the order's history"
        )
        add_dry_run_option(parser)
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        reason = options["reason"].strip()
        check_reason(reason)
        if not reason:
            message = "--reason is empty"
            raise CommandError(message, returncode=WRONG)
        find([options["order"]])
        order = Order.objects.get(number=options["order"])
        try:
            if options["dry_run"]:
                said = _preview(order)
            else:
                is_new = call_off(order, getpass.getuser(), reason)
                said = "called off" if is_new else "was called off before"
        except (NotShippable, StillPaid) as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        if options["json"]:
            print_json(self.stdout, {"order": order.number, "said": said})
        else:
            self.stdout.write(f"{order.number}: {said}")


def _preview(order: Order) -> str:
    """Return what would happen. Raises NotShippable or StillPaid."""
    check_may_be_called_off(order)
    (overview,) = read_overviews(Order.objects.filter(pk=order.pk))
    return " ".join(preview_call_off(overview).effects)
