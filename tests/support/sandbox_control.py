"""The sandbox of a live stack: its intents and charges, and its faults."""

from typing import Any

from orders.models import Order
from tests.support.live import LiveStack
from tests.support.sandbox import Sandbox


def intents_of(stack: LiveStack, *orders: Order) -> list[dict[str, Any]]:
    """Return every intent that the sandbox has for these orders."""
    wanted = {str(order.uid) for order in orders}
    found = all_intents(stack)
    return [one for one in found if one["metadata"].get("order") in wanted]


def all_intents(stack: LiveStack, newest: int | None = None) -> list[dict[str, Any]]:
    """Return all intents, or the ``newest`` ones, the newest first."""
    sandbox = Sandbox(stack.sandbox_url)
    return sandbox.intents(newest) if newest else sandbox.intents()


def captured(stack: LiveStack, order: Order) -> list[int]:
    """Return the amount of each captured charge of the order."""
    return [
        charge["amount_captured"]
        for intent in intents_of(stack, order)
        for charge in intent["charges"]
        if charge["captured"]
    ]


def plan_fault(stack: LiveStack, **rule: Any) -> None:
    """Let the provider's next matching calls fail, as the rule says."""
    _ask(stack, "POST", "faults", rule)


def clear_faults(stack: LiveStack) -> None:
    _ask(stack, "DELETE", "faults")


def answer_challenge(stack: LiveStack, order: Order, result: str) -> None:
    """Answer the bank's question for the customer: ``complete`` or ``fail``."""
    order.payment.refresh_from_db()
    intent = order.payment.intent_id
    _ask(stack, "POST", "challenge", {"intent": intent, "result": result})


def decide_refund(stack: LiveStack, refund_id: str, result: str) -> None:
    """Let the customer's bank decide: ``succeed`` or ``fail``."""
    _ask(stack, "POST", "refunds", {"refund": refund_id, "result": result})


def dispute(stack: LiveStack, charge_id: str) -> str:
    """Let the cardholder dispute a charge; return the dispute's id."""
    return str(_ask(stack, "POST", "disputes", {"charge": charge_id})["id"])


def decide_dispute(stack: LiveStack, dispute_id: str, result: str) -> None:
    """Let the cardholder's bank decide: ``won`` or ``lost``."""
    _ask(stack, "POST", "disputes", {"dispute": dispute_id, "result": result})


def _ask(stack: LiveStack, method: str, path: str, body: Any = None) -> dict[str, Any]:
    return Sandbox(stack.sandbox_url).control(method, path, body)


def konbini_token(stack: LiveStack, email: str = "hanako@customer.example") -> str:
    """Return the confirmation token that a browser gets for a voucher."""
    return Sandbox(stack.sandbox_url).konbini_token(email)


def visit_store(stack: LiveStack, order: Order, result: str) -> None:
    """Let the customer ``pay`` the voucher, or let it ``lapse``."""
    order.payment.refresh_from_db()
    intent = order.payment.intent_id
    _ask(stack, "POST", "konbini", {"intent": intent, "result": result})


def move_clock(stack: LiveStack, seconds: int) -> None:
    """Move the provider's clock, forward or back; what falls due happens."""
    _ask(stack, "POST", "clock", {"advance": seconds})
