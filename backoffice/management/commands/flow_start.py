"""Start a flow by hand, such as the close of a day."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REFUSED, WRONG
from flows.registry import all_flows, find_flow
from flows.services import start_flow


class Command(BaseCommand):
    help = (
        "Start one of the shop's small flows, once: a second time it is only shown "
        "(exit code 1), unless all of it was undone. Without a flow, list them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("flow", nargs="?", help="its name, such as daily_close")
        parser.add_argument(
            "about", nargs="?", help="what it is about, such as 2026-11-30"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["flow"]:
            self._list()
            return
        flow = find_flow(options["flow"])
        if flow is None or flow.read_reference is None:
            name = options["flow"]
            message = f"no flow {name!r} is started here (they are: flow_start)"
            raise CommandError(message, returncode=WRONG)
        try:
            about = flow.read_reference(options["about"] or "")
        except ValueError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        saga, is_new = start_flow(flow, about, {"by": "shell"})
        if not is_new:
            message = f"{saga} was started before: it is {saga.state} at {saga.step}"
            raise CommandError(message, returncode=REFUSED)
        self.stdout.write(f"Started: {saga}")

    def _list(self) -> None:
        for flow in all_flows():
            how = str(flow.hint) if flow.read_reference else "from its admin page"
            self.stdout.write(f"{flow.definition.name}: {flow.summary} ({how})")
