"""Show the sagas of one order: state, payment, every attempt, what comes next."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from backoffice.cli.options import add_json_option
from backoffice.cli.output import print_json
from backoffice.cli.sagas import describe, find


class Command(BaseCommand):
    help = "Show where an order is, every attempt, and what comes next."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("order", metavar="ORDER", help="the order's number")
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        (sagas,) = find([options["order"]])
        shown, saga = describe(sagas), sagas.most_urgent
        if options["json"]:
            print_json(self.stdout, shown)
            return
        self.stdout.write(f"{saga.reference}: {saga.state} at {saga.step}")
        for branch in shown["branches"] if sagas.branches else []:
            name = branch["branch"] or "main path"
            self.stdout.write(
                f"  {name + ':':<6} {branch['state']} at {branch['step']}"
            )
        self.stdout.write(f"  money: {shown['money']}")
        if saga.error:
            self.stdout.write(f"  error: {saga.error_class}: {saga.error}")
        self.stdout.write(f"  next:  {shown['next']}")
        for row in shown["attempts"]:
            self.stdout.write(
                f"  {row['started_at']}  {row['direction']:<4} {row['step']:<18} "
                f"#{row['number']} {row['outcome']:<9} {row['actor'] or row['worker']}"
                f"  {row['note'] or row['error']}"
            )
            for name, change in row["input"].items():
                self.stdout.write(f"    {name}: {change['old']} -> {change['new']}")
