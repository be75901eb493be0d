"""Skip the current step of an order, where that is allowed."""

from typing import Any

from backoffice.cli.actions import StepCommand
from saga.models import Saga
from saga.operations import Action, skip


class Command(StepCommand):
    help = "Continue an order without its current step. Only the mail can be skipped."
    act = Action.SKIP
    verb = "Skipped"

    def do(self, saga: Saga, actor: str, options: dict[str, Any]) -> None:
        reason = options["reason"] or "skipped from the shell"
        skip(saga, actor, reason, seen=saga.fence)
