"""Resume stopped orders from the step that failed."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checkout.flow import CHECKOUT
from checkout.management.sagas import as_dict, find, print_json
from checkout.saga.errors import NotResumable
from checkout.saga.models import Saga
from checkout.saga.operations import resume


class Command(BaseCommand):
    help = (
        "Let stopped orders go on from the step that failed. Safe to repeat: an order "
        "that is not stopped is named and left alone (exit code 1)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("orders", metavar="ORDER", nargs="*")
        parser.add_argument(
            "--failed-step",
            choices=[step.name for step in CHECKOUT.steps],
            help="all orders that stopped at this step",
        )
        parser.add_argument("--reason", default="resumed from the shell")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        sagas = self._sagas(options["orders"], options["failed_step"])
        refused = []
        for saga in sagas:
            try:
                resume(saga, getpass.getuser(), options["reason"])
            except NotResumable as error:
                refused.append(str(error))
        if options["json"]:
            print_json(self.stdout, [as_dict(saga) for saga in sagas])
        else:
            self.stdout.write(f"Resumed: {len(sagas) - len(refused)} of {len(sagas)}.")
        if refused:
            message = "Not resumed: " + "; ".join(refused)
            raise CommandError(message, returncode=1)

    def _sagas(self, numbers: list[str], failed_step: str | None) -> list[Saga]:
        if bool(numbers) == bool(failed_step):
            message = "name orders, or --failed-step STEP, one of the two"
            raise CommandError(message, returncode=2)
        if failed_step:
            return list(Saga.objects.failed().filter(step=failed_step).order_by("id"))
        return find(numbers)
