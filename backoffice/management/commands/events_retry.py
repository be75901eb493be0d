"""Try dead letters again, one first."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REPEATED, UNDECIDED, WRONG
from backoffice.cli.options import add_dry_run_option, add_json_option
from backoffice.cli.output import print_json
from events.dead_letters import Group, Outcome, groups, retry_group


class Command(BaseCommand):
    help = (
        "Try the dead letters of a consumer again, by kind of error: the oldest one "
        "first, and the others if it arrives. Without --consumer they are listed. Exit "
        "code 3: the first one failed again; 4: an earlier event of its subject has to "
        "arrive before."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--consumer", default="", metavar="NAME", help="whose; else they are listed"
        )
        parser.add_argument(
            "--error", default="", metavar="CLASS", help="only this kind of error"
        )
        parser.add_argument(
            "--all-at-once", action="store_true", help="without trying one first"
        )
        add_dry_run_option(parser)
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        chosen = [
            group
            for group in groups()
            if options["consumer"] in ("", group.consumer)
            and options["error"] in ("", group.error_class)
        ]
        if not options["consumer"] or options["dry_run"]:
            self._list(chosen, is_json=options["json"])
            return
        if not chosen:
            message = f"{options['consumer']} has no such dead letters"
            raise CommandError(message, returncode=WRONG)
        done = [self._retry(group, options) for group in chosen]
        if options["json"]:
            print_json(self.stdout, done)
        outcomes = {each["outcome"] for each in done}
        if Outcome.FAILED in outcomes:
            message = "the first one failed again: the others were left alone"
            raise CommandError(message, returncode=REPEATED)
        if Outcome.WAITS in outcomes:
            message = "an earlier event of the same subject has to arrive before"
            raise CommandError(message, returncode=UNDECIDED)

    def _retry(self, group: Group, options: dict[str, Any]) -> dict[str, Any]:
        outcome, number = retry_group(
            group.consumer, group.error_class, is_careful=not options["all_at_once"]
        )
        if not options["json"]:
            self.stdout.write(
                f"{group.consumer}, {group.error_class}: {outcome}, "
                f"{number} of {group.number} are tried again"
            )
        return {
            "consumer": group.consumer,
            "error_class": group.error_class,
            "outcome": str(outcome),
            "tried_again": number,
        }

    def _list(self, found: list[Group], *, is_json: bool) -> None:
        if is_json:
            rows = [vars(group) | {"since": _iso(group)} for group in found]
            print_json(self.stdout, rows)
            return
        for group in found:
            self.stdout.write(
                f"{group.number} for {group.consumer}: {group.error_class}: "
                f"{group.error[:200]}"
            )
        if not found:
            self.stdout.write("No dead letters.")


def _iso(group: Group) -> str:
    return group.since.isoformat() if group.since else ""
