"""Create the predefined groups of staff, and give them what a version adds."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.roles import GROUPS, make_groups


class Command(BaseCommand):
    help = (
        f"Create the groups {', '.join(GROUPS)} with their permissions, if they are "
        "missing, and give existing ones the permissions that this version adds. What "
        "administrators changed stays. `manage.py prepare` does it, too."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--reset",
            action="store_true",
            help="also give existing groups their original permissions again",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            changes = make_groups(reset=options["reset"])
        except LookupError as error:
            raise CommandError(str(error)) from error
        for change in changes:
            if change.is_whole:
                self.stdout.write(f"group {change.group} is ready")
            else:
                given = ", ".join(change.given)
                self.stdout.write(f"group {change.group} may do more: {given}")
