"""The gate before a deploy: would this code strand a saga that is under way?"""

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.sagas import print_json
from saga.deploy_gate import find_blocked


class Command(BaseCommand):
    help = (
        "Run with the new code against the shop's database, before the deploy. Exit "
        "code 1: a saga that has not ended names a definition, version or step that "
        "this code lacks; each is named. 0: this code can continue all of them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        found = find_blocked()
        if options["json"]:
            print_json(self.stdout, [asdict(each) for each in found])
        elif not found:
            self.stdout.write("This code can continue every saga that has not ended.")
        for each in found if not options["json"] else []:
            self.stdout.write(
                f"{each.count} x {each.definition} version {each.version} at "
                f"{each.step} ({each.example}): {each.why}"
            )
        if found:
            sagas = sum(each.count for each in found)
            message = f"This code would hold back {sagas} saga(s): do not deploy it."
            raise CommandError(message, returncode=1)
