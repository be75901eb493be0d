"""Cancel orders that have not been charged."""

from typing import Any

from backoffice.cli.actions import StaffCommand
from checkout.status.sagas import OrderSagas
from saga.models import Saga
from saga.operations import Action, cancel


class Command(StaffCommand):
    help = (
        "Undo orders before the charge: void the payment, return the goods. An order "
        "that may have been charged is refused, as is one that a worker has right now."
    )
    act = Action.CANCEL
    verb = "Cancelled"

    def chosen(self, order: OrderSagas) -> list[Saga]:
        return [order.main_path]

    def do(self, saga: Saga, actor: str, options: dict[str, Any]) -> None:
        reason = options["reason"] or "cancelled from the shell"
        cancel(saga, actor, reason, seen=saga.fence)
