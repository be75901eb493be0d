"""Check before a deploy that this code can continue every saga under way."""

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.options import add_json_option
from backoffice.cli.output import print_json
from saga.deploy_gate import find_blocked


class Command(BaseCommand):
    help = (
        "Check that this code can continue every saga that has not ended. Run it with "
        "the new code against the shop's database, before the deploy. Exit code 1: the "
        "code lacks a definition, version or step that a saga needs; each is named."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_json_option(parser)

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
