"""Mark the current step of an order as done, if that is proven."""

from typing import Any

from backoffice.cli.actions import StepCommand
from saga.models import Saga
from saga.operations import Action, mark_done


class Command(StepCommand):
    help = (
        "Continue an order after its current step, which was done by other means. The "
        "command checks the proof: the payment at the provider, or the goods in the "
        "ledger. For the mail there is none: say in the reason how it was sent."
    )
    act = Action.MARK_DONE
    verb = "Marked as done"

    def do(self, saga: Saga, actor: str, options: dict[str, Any]) -> None:
        reason = options["reason"] or "marked as done from the shell"
        mark_done(saga, actor, reason, seen=saga.fence)
