"""The provider's side of a live stack: its own list of charges, and its faults."""

from typing import Any

import requests

from orders.models import Order
from tests.support.live import LiveStack

SECONDS = 30.0


def intents_of(stack: LiveStack, *orders: Order) -> list[dict[str, Any]]:
    """Return every intent that the sandbox has for these orders."""
    wanted = {str(order.uid) for order in orders}
    found = all_intents(stack)
    return [one for one in found if one["metadata"].get("order") in wanted]


def all_intents(stack: LiveStack, newest: int | None = None) -> list[dict[str, Any]]:
    """Return what the sandbox has, the newest first; not more than ``newest``."""
    answer = _ask(stack, "GET", f"intents?limit={newest or 100_000}")
    found: list[dict[str, Any]] = answer["intents"]
    return found


def captured(stack: LiveStack, order: Order) -> list[int]:
    """Return the amount of each charge that was really taken for the order."""
    return [
        charge["amount_captured"]
        for intent in intents_of(stack, order)
        for charge in intent["charges"]
        if charge["captured"]
    ]


def plan_fault(stack: LiveStack, **rule: Any) -> None:
    """Let the provider's next matching calls go wrong."""
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
    answer = requests.request(
        method, f"{stack.sandbox_url}/_sandbox/{path}", json=body, timeout=SECONDS
    )
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def konbini_token(stack: LiveStack, email: str = "hanako@customer.example") -> str:
    """Return the confirmation token that a browser gets for a voucher."""
    answer = requests.post(
        f"{stack.sandbox_url}/v1/confirmation_tokens",
        {
            "payment_method_data[type]": "konbini",
            "payment_method_data[billing_details][name]": "Hanako Minato",
            "payment_method_data[billing_details][email]": email,
        },
        headers={"Authorization": "Bearer pk_test_sandbox"},
        timeout=SECONDS,
    )
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["id"]
    return token


def visit_store(stack: LiveStack, order: Order, result: str) -> None:
    """Let the customer ``pay`` the voucher, or let it ``lapse``."""
    order.payment.refresh_from_db()
    intent = order.payment.intent_id
    _ask(stack, "POST", "konbini", {"intent": intent, "result": result})


def move_clock(stack: LiveStack, seconds: int) -> None:
    """Move the provider's clock, to and fro; what falls due happens."""
    _ask(stack, "POST", "clock", {"advance": seconds})
