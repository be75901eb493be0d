"""Mark an order's present step as done, on proof."""

from typing import Any

from backoffice.cli.actions import StepCommand
from saga.models import Saga
from saga.operations import Action, mark_done


class Command(StepCommand):
    help = (
        "Let an order go on behind its present step, which was done by other means. "
        "The proof is asked for: a payment at the provider, goods in the ledger. For "
        "the mail your word is enough, so say in the reason how it went out."
    )
    act = Action.MARK_DONE
    verb = "Marked as done"

    def do(self, saga: Saga, actor: str, options: dict[str, Any]) -> None:
        reason = options["reason"] or "marked as done from the shell"
        mark_done(saga, actor, reason, seen=saga.fence)
