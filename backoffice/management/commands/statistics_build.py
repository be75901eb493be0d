"""Drop the sales statistics and build them anew, or compare them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Sum

from backoffice.cli.exit_codes import REFUSED, WRONG
from backoffice.cli.options import add_dry_run_option, add_json_option
from backoffice.cli.output import print_json
from backoffice.cli.time_arguments import read_time
from checkout.statistics.build import EventsMissing, build, check_events, chosen
from checkout.statistics.comparison import differences
from checkout.statistics.models import SalesFigure
from shop.formatting import price
from shop.money import Money
from shop.progress import Progress


class Command(BaseCommand):
    help = (
        "Drop the sales statistics and build them anew from the events. Nothing is "
        "sent to anybody. With --until they end at that time, until they are built "
        "again. With --check nothing is changed: the figures are compared with the "
        "accountant's export, day by day. Exit code 1: they differ, or charges are no "
        "events."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until", type=read_time, metavar="TIME", help="no events from it on"
        )
        parser.add_argument(
            "--check", action="store_true", help="compare with the accountant's export"
        )
        add_dry_run_option(parser)
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["check"]:
            if options["until"]:
                message = "--check compares with the orders of now: leave out --until"
                raise CommandError(message, returncode=WRONG)
            self._check(is_json=options["json"])
            return
        events = chosen(options["until"]).count()
        try:
            check_events()
            if options["dry_run"]:
                self._say(f"Would drop all figures and add {events} events.", options)
                return
            built = build(Progress(self.stderr, events), options["until"])
        except EventsMissing as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        if built.too_old:
            self.stderr.write(
                f"{built.too_old} events are of a version that does not say enough: "
                "they are left out, and the sales report adds up the orders themselves."
            )
        self._say(f"Built of {built.events} events.", options, events=built.events)

    def _say(self, text: str, options: dict[str, Any], **facts: int) -> None:
        totals = _totals()
        if options["json"]:
            print_json(self.stdout, {**facts, "totals": totals})
            return
        self.stdout.write(text)
        for row in totals:
            charged = price(Money(row["charged"], row["currency"]))
            refunded = price(Money(row["refunded"], row["currency"]))
            self.stdout.write(
                f"{row['orders']} orders, {charged} charged, {refunded} refunded"
            )

    def _check(self, *, is_json: bool) -> None:
        found = differences()
        if is_json:
            rows = [vars(each) | {"day": each.day.isoformat()} for each in found]
            print_json(self.stdout, rows)
        for each in [] if is_json else found:
            self.stdout.write(
                f"{each.day} {each.currency} {each.country} {each.rate} % {each.name}: "
                f"{each.here} here, {each.there} in the export"
            )
        if found:
            message = f"{len(found)} figures differ from the accountant's export"
            raise CommandError(message, returncode=REFUSED)
        if not is_json:
            self.stdout.write("The same figures as the accountant's export.")


def _totals() -> list[dict[str, Any]]:
    rows = SalesFigure.objects.filter(part=SalesFigure.Part.DAY).order_by("currency")
    names = ("orders", "charged", "refunded")
    sums = {name: Sum(name) for name in names}
    return list(rows.values("currency").annotate(**sums))
