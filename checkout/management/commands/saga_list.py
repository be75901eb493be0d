"""List sagas, the ones that wait for a person first."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Case, Value, When

from checkout.flow import CHECKOUT
from checkout.management.sagas import as_dict, next_action, print_json
from checkout.saga.models import Saga, State


class Command(BaseCommand):
    help = "List sagas: the ones that stopped first, then the newest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", choices=State.values)
        parser.add_argument("--step", choices=[step.name for step in CHECKOUT.steps])
        parser.add_argument("--limit", type=int, default=50)
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        rows = Saga.objects.all()
        if options["state"]:
            rows = rows.filter(state=options["state"])
        if options["step"]:
            rows = rows.filter(step=options["step"])
        stopped_first = Case(When(state=State.FAILED, then=Value(0)), default=Value(1))
        sagas = list(rows.order_by(stopped_first, "-id")[: options["limit"]])
        if options["json"]:
            print_json(self.stdout, [as_dict(saga) for saga in sagas])
            return
        for saga in sagas:
            self.stdout.write(
                f"{saga.reference}  {saga.state:<12} {saga.step:<18} "
                f"try {saga.attempt}  {saga.error or next_action(saga)}"
            )
        if not sagas:
            self.stdout.write("No saga is like that.")
