"""Cancel orders that have not been charged."""

from typing import Any

from backoffice.cli.actions import StaffCommand
from checkout.status.sagas import OrderSagas
from saga.models import Saga
from saga.operations import Action, cancel


class Command(StaffCommand):
    help = (
        "Cancel orders before the charge: the payment is voided, the goods go back to "
        "stock. Refused for an order that may have been charged, and while a worker "
        "has it."
    )
    act = Action.CANCEL
    verb = "Cancelled"

    def chosen(self, order: OrderSagas) -> list[Saga]:
        return [order.main_path]

    def do(self, saga: Saga, actor: str, options: dict[str, Any]) -> None:
        reason = options["reason"] or "cancelled from the shell"
        cancel(saga, actor, reason, seen=saga.fence)
