"""Let orders that are charged at shipment be charged and completed."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.actions import REFUSED
from backoffice.cli.sagas import find, print_json
from backoffice.order_overview import read_overviews
from backoffice.previews.order import of_releasing
from checkout.aftersales.dispatch import NotReleasable, release, why_not_releasable
from orders.models import Order


class Command(BaseCommand):
    help = (
        "Release orders for shipping: their cards are charged now (CAPTURE=shipment). "
        "One that was released before is left alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("orders", metavar="ORDER", nargs="+")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, do nothing"
        )
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        numbers = list(dict.fromkeys(options["orders"]))
        find(numbers)
        orders = Order.objects.filter(number__in=numbers).order_by("pk")
        act = self._foresee if options["dry_run"] else self._release
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
            return _row(order, "refused", error.why)
        return _row(order, "released" if is_new else "was released before")

    def _foresee(self, order: Order) -> dict[str, Any]:
        (case,) = read_overviews(Order.objects.filter(pk=order.pk))
        refusal = why_not_releasable(case.saga, case.payment)
        if refusal:
            return _row(order, "would be refused", refusal)
        return _row(order, " ".join(of_releasing(case).effects))


def _row(order: Order, said: str, refusal: str = "") -> dict[str, Any]:
    return {"order": order.number, "said": said, "refusal": refusal}
