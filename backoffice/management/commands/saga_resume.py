"""Resume stopped orders from the step that failed."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from backoffice.cli.actions import StaffCommand
from backoffice.cli.exit_codes import REFUSED, WRONG
from checkout.aftersales.warehouse.shipping.definition import SHIPPING
from checkout.flow.definition import CHECKOUT
from checkout.status.sagas import OrderSagas
from saga.bulk_resume.pace import Pace
from saga.failure_groups import sagas_of_group
from saga.models import Saga
from saga.operations import Action, resume

_USUAL_REASON = "resumed from the shell"


class Command(StaffCommand):
    help = (
        "Continue stopped orders from the step that failed. Safe to repeat: an order "
        "that is not stopped is refused and stays as it is (exit code 1)."
    )
    act = Action.RESUME
    verb = "Resumed"
    takes = "*"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--failed-step",
            choices=[step.name for step in (*CHECKOUT.steps, *SHIPPING.steps)],
            help="resume all orders that stopped at this step",
        )
        parser.add_argument(
            "--failure-group",
            help="resume all orders of this group (see saga_list --failure-groups)",
        )
        parser.add_argument(
            "--canary",
            type=_count,
            help="resume so many first, the others when they are through "
            "(default: 0, for a failure group 1)",
        )
        parser.add_argument(
            "--pace",
            type=_pace,
            default=0,
            metavar="N/s",
            help="resume at most so many orders a second (default: no limit)",
        )
        parser.add_argument(
            "--patience",
            type=float,
            default=120,
            metavar="SECONDS",
            help="how long the canary may take (default: 120)",
        )
        parser.add_argument(
            "--input",
            type=_input,
            action="append",
            metavar="NAME=VALUE",
            help="replace an input of the step, such as email=hanako@example.com",
        )

    def chosen(self, order: OrderSagas) -> list[Saga]:
        return order.failed or [order.most_urgent]

    def do(self, saga: Saga, actor: str, options: dict[str, Any]) -> None:
        reason = options["reason"] or _USUAL_REASON
        resume(saga, actor, reason, seen=saga.fence, inputs=self.inputs(options))

    def inputs(self, options: dict[str, Any]) -> Mapping[str, str]:
        return dict(options["input"] or [])

    def pace(self, options: dict[str, Any]) -> Pace:
        canary = options["canary"]
        if canary is None:
            canary = 1 if options["failure_group"] else 0
        return Pace(canary, options["pace"], options["patience"])

    def sagas(self, options: dict[str, Any]) -> list[Saga]:
        step, group = options["failed_step"], options["failure_group"]
        if sum(map(bool, (options["orders"], step, group))) != 1:
            message = (
                "give one of the three: orders, --failed-step STEP or --failure-group G"
            )
            raise CommandError(message, returncode=WRONG)
        if step:
            return list(Saga.objects.failed().filter(step=step).order_by("id"))
        if not group:
            return super().sagas(options)
        found = sagas_of_group(group)
        if not found:
            message = f"no stopped order is in failure group {group} (any more)"
            raise CommandError(message, returncode=REFUSED)
        return found


def _count(typed: str) -> int:
    if not typed.isdecimal():
        message = f"{typed!r} is not a number of orders"
        raise ArgumentTypeError(message)
    return int(typed)


def _pace(typed: str) -> float:
    try:
        pace = float(typed.removesuffix("/s"))
    except ValueError:
        pace = 0
    if pace <= 0:
        message = f"{typed!r} is not a pace such as 5/s"
        raise ArgumentTypeError(message)
    return pace


def _input(typed: str) -> tuple[str, str]:
    name, is_given, value = typed.partition("=")
    if not (name and is_given):
        message = f"{typed!r} is not NAME=VALUE"
        raise ArgumentTypeError(message)
    return name, value
