"""Create the predefined groups of staff."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backoffice.roles import GROUPS, make_groups


class Command(BaseCommand):
    help = (
        f"Create the groups {', '.join(GROUPS)} with their permissions, if they are "
        "missing. `manage.py prepare` does it, too."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--reset",
            action="store_true",
            help="also give existing groups their original permissions again",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                made = make_groups(reset=options["reset"])
        except LookupError as error:
            raise CommandError(str(error)) from error
        for name in made:
            self.stdout.write(f"group {name} is ready")
