"""Check that the stock adds up: counters, ledger, holds and orders."""

from argparse import ArgumentParser
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REFUSED
from backoffice.cli.options import add_json_option
from backoffice.cli.output import print_json
from checkout.reconciliation import goods
from checkout.reconciliation.compare import GRACE, Moment
from checkout.reconciliation.kinds import Finding, Severity
from checkout.reconciliation.remedies import command, remedy
from checkout.reconciliation.wording import sentence
from inventory.audit import counts
from inventory.services import release
from shop import database_clock


class Command(BaseCommand):
    help = (
        "For each SKU: free + held + sold = received, by counters, holds and ledger; "
        "every hold has a saga, every movement an order. Exit code 1: something does "
        "not agree, and is named. Reads only, unless --release is given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--release",
            metavar="ORDER",
            help="first release the holds of this order, if no saga needs them",
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=GRACE.total_seconds(),
            metavar="SECONDS",
            help="changes younger than this are not compared",
        )
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        moment = Moment(database_clock.read(), timedelta(seconds=options["grace"]))
        found = list(goods.findings(moment))
        released = 0
        if options["release"]:
            released = _release(options["release"], found)
            found = list(goods.findings(moment))
        if options["json"]:
            document = {
                "skus": [{**asdict(row), "free": row.free} for row in counts()],
                "released": released,
                "mismatches": [_as_dict(finding) for finding in found],
            }
            print_json(self.stdout, document)
        else:
            self._say(found, released)
        wrong = [row for row in found if row.kind.severity is not Severity.NOTICE]
        if wrong:
            message = f"{len(wrong)} mismatches in the stock"
            raise CommandError(message, returncode=REFUSED)

    def _say(self, found: list[Finding], released: int) -> None:
        if released:
            self.stdout.write(f"Put back: {released} units.")
        rows = counts()
        for row in rows:
            self.stdout.write(
                f"{row.sku}: {row.free} free + {row.held} held + {row.sold} sold "
                f"= {row.received} received"
                + ("" if row.adds_up else "  DOES NOT ADD UP")
            )
        for finding in found:
            self.stdout.write(f"[{finding.kind.severity.value}] {sentence(finding)}")
            self.stdout.write(f"    {remedy(finding)}")
            if command(finding):
                self.stdout.write(f"    {command(finding)}")
        if not found:
            self.stdout.write(f"The stock of {len(rows)} SKUs adds up.")


def _release(reference: str, found: list[Finding]) -> int:
    """Release the holds of ``reference``; return how many units.

    Raises CommandError if the audit did not find that they may be released.
    """
    if not any(
        row.kind in goods.RELEASABLE and row.subject == reference for row in found
    ):
        message = (
            f"nothing was put back: {reference} holds nothing, or a saga still "
            "needs its holds (see: manage.py saga_show)"
        )
        raise CommandError(message, returncode=REFUSED)
    return release(reference)


def _as_dict(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind.value,
        "severity": finding.kind.severity.value,
        "subject": finding.subject,
        "sentence": sentence(finding),
        "remedy": remedy(finding),
        "command": command(finding),
        "facts": finding.facts,
    }
