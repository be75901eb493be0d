"""Release orders for shipping: their cards are charged, then they are completed."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REFUSED
from backoffice.cli.options import add_dry_run_option, add_json_option
from backoffice.cli.output import print_json
from backoffice.cli.sagas import find
from backoffice.order_overview import read_overviews
from backoffice.previews.order import preview_release
from checkout.aftersales.dispatch import check_releasable, release
from checkout.aftersales.dispatch_errors import NotReleasable
from orders.models import Order


class Command(BaseCommand):
    help = (
        "Release orders for shipping: their cards are charged now (CAPTURE=shipment). "
        "Orders that were released before stay as they are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "orders", metavar="ORDER", nargs="+", help="the order's number"
        )
        add_dry_run_option(parser)
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        numbers = list(dict.fromkeys(options["orders"]))
        find(numbers)
        orders = Order.objects.filter(number__in=numbers).order_by("pk")
        act = self._preview if options["dry_run"] else self._release
        rows = [act(order) for order in orders]
        if options["json"]:
            print_json(self.stdout, rows)
        else:
            self.stdout.writelines(f"{row['order']}: {row['said']}" for row in rows)
        refused = [
            f"{row['order']}: {row['refusal']}" for row in rows if row["refusal"]
        ]
        if refused:
            raise CommandError("Refused: " + "; ".join(refused), returncode=REFUSED)

    def _release(self, order: Order) -> dict[str, Any]:
        try:
            is_new = release(order, getpass.getuser())
        except NotReleasable as error:
            return _row(order, "refused", str(error.sentence))
        return _row(order, "released" if is_new else "was released before")

    def _preview(self, order: Order) -> dict[str, Any]:
        (overview,) = read_overviews(Order.objects.filter(pk=order.pk))
        try:
            check_releasable(overview.saga, overview.payment)
        except NotReleasable as error:
            return _row(order, "would be refused", str(error.sentence))
        return _row(order, " ".join(preview_release(overview).effects))


def _row(order: Order, message: str, refusal: str = "") -> dict[str, Any]:
    return {"order": order.number, "said": message, "refusal": refusal}
