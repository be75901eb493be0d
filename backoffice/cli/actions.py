"""Base classes of the commands that act on orders: preview, ask, act, report."""

import getpass
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REFUSED, REPEATED, UNDECIDED, WRONG
from backoffice.cli.options import add_dry_run_option, add_json_option, check_reason
from backoffice.cli.output import print_json
from backoffice.cli.sagas import as_dict, find
from backoffice.order_overview import read_overviews
from backoffice.previews.order import preview_action
from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.warehouse.shipping.definition import SHIPPING
from checkout.flow.definition import CHECKOUT
from checkout.status.sagas import OrderSagas
from orders.models import Order
from orders.numbers import order_of
from saga.bulk_resume.foreground import BulkResult, act_on_each
from saga.bulk_resume.pace import Pace
from saga.models import Saga
from saga.operations import Action, preview
from shop.progress import Progress


class StaffCommand(BaseCommand):
    """One action on orders. ``takes`` is how many orders are named: 1, "+" or "*"."""

    act: Action
    verb: str
    takes: int | str = "+"
    # Tests replace ``sleep``, to let time pass and workers run.
    stealth_options = ("sleep",)

    def do(self, saga: Saga, actor: str, options: dict[str, Any]) -> None:
        """Act on one saga. Raises ActionRefused."""
        raise NotImplementedError

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "orders", metavar="ORDER", nargs=self.takes, help="the order's number"
        )
        parser.add_argument(
            "--reason",
            default="",
            help="why; kept in the order's history (300 letters at most)",
        )
        add_dry_run_option(parser)
        parser.add_argument(
            "--yes", action="store_true", help="do not ask before several orders"
        )
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        check_reason(options["reason"])
        sagas = self.sagas(options)
        if options["dry_run"]:
            self._say(sagas, self.inputs(options), as_json=options["json"])
            return
        self._ask(len(sagas), yes=options["yes"])
        actor = getpass.getuser()
        sleep: Callable[[float], object] = options.get("sleep") or time.sleep
        done = act_on_each(
            sagas,
            lambda saga: self.do(saga, actor, options),
            self.pace(options),
            sleep=sleep,
            on_progress=Progress(self.stderr, len(sagas)),
        )
        self._report(sagas, done, as_json=options["json"])

    def sagas(self, options: dict[str, Any]) -> list[Saga]:
        orders = find(dict.fromkeys(options["orders"]))
        return [saga for order in orders for saga in self.chosen(order)]

    def chosen(self, order: OrderSagas) -> list[Saga]:
        """Return the sagas of one order on which to act."""
        return [order.most_urgent]

    def inputs(self, options: dict[str, Any]) -> Mapping[str, str]:  # noqa: ARG002 (subclasses use it)
        return {}

    def pace(self, options: dict[str, Any]) -> Pace:  # noqa: ARG002 (subclasses use it)
        return Pace()

    def _say(
        self, sagas: list[Saga], inputs: Mapping[str, str], *, as_json: bool
    ) -> None:
        numbers = [order_of(saga.reference) for saga in sagas]
        overviews = {
            overview.order.number: overview
            for overview in read_overviews(Order.objects.filter(number__in=numbers))
        }
        rows = []
        for saga in sagas:
            planned = preview(self.act, saga, inputs)
            said = preview_action(overviews[order_of(saga.reference)].at(saga), planned)
            text = {"effects": said.effects, "warnings": said.warnings}
            rows.append({**as_dict(saga), **planned.as_dict(), **text})
        if as_json:
            print_json(self.stdout, rows)
        for row in rows if not as_json else []:
            self.stdout.write(f"{row['order']}: {row['state']} at {row['step']}")
            self.stdout.writelines(f"  {line}" for line in row["effects"])
            self.stdout.writelines(f"  Careful: {line}" for line in row["warnings"])
        refused = [row["refused"] for row in rows if row["refused"]]
        if refused:
            message = "Would be refused: " + "; ".join(refused)
            raise CommandError(message, returncode=REFUSED)

    def _ask(self, count: int, *, yes: bool) -> None:
        if count <= 1 or yes:
            return
        if not sys.stdin.isatty():
            message = f"{count} orders: add --yes, or look first with --dry-run"
            raise CommandError(message, returncode=WRONG)
        question = f"{self.verb} {count} orders? [y/N] "
        self.stderr.write(question, ending="")
        self.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            message = "Nothing was done."
            raise CommandError(message, returncode=REFUSED)

    def _report(self, sagas: list[Saga], done: BulkResult, *, as_json: bool) -> None:
        if as_json:
            print_json(self.stdout, [self._row(saga, done) for saga in sagas])
        else:
            self.stdout.write(f"{self.verb}: {len(done.resumed)} of {len(sagas)}.")
        left = f"; {len(done.left)} left as they were" if done.left else ""
        if done.repeated:
            saga = done.repeated
            message = f"Stopped: {saga.reference} failed again: {saga.error}{left}"
            raise CommandError(message, returncode=REPEATED)
        if done.undecided:
            message = f"Stopped: the first orders are still under way{left}"
            raise CommandError(message, returncode=UNDECIDED)
        if done.refused:
            message = f"Not {self.verb.lower()}: " + "; ".join(done.refused.values())
            raise CommandError(message, returncode=REFUSED)

    def _row(self, saga: Saga, done: BulkResult) -> dict[str, Any]:
        saga.refresh_from_db()
        refusal = done.refused.get(saga.reference, "")
        outcome = "refused" if refusal else "done"
        if saga in done.left:
            outcome = "left"
        return {**as_dict(saga), "outcome": outcome, "refusal": refusal}


class StepCommand(StaffCommand):
    """An action on the current step of one order; ``--step`` chooses between two."""

    takes = 1

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--step",
            choices=[
                step.name
                for step in (*CHECKOUT.steps, *SHIPPING.steps, *CANCELLATION.steps)
            ],
            help="the step, if the order has stopped at two",
        )

    def sagas(self, options: dict[str, Any]) -> list[Saga]:
        (order,) = find(options["orders"])
        step = options["step"]
        if not step and len(order.failed) > 1:
            steps = " and ".join(saga.step for saga in order.failed)
            message = (
                f"{order.main_path.reference} stopped at {steps}: choose with --step"
            )
            raise CommandError(message, returncode=WRONG)
        found = [saga for saga in order.all if saga.step == step]
        if step and not found:
            message = f"{order.main_path.reference} is not at step {step}"
            raise CommandError(message, returncode=REFUSED)
        return found or [order.most_urgent]
