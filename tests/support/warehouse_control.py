"""The warehouse sandbox of a live stack: its orders, its reports and its faults."""

import json
import urllib.request
from typing import Any

from tests.support.live import LiveStack


def ask(stack: LiveStack, act: str, **fields: Any) -> dict[str, Any]:
    """Ask for something at the sandbox's control address. Raises OSError."""
    request = urllib.request.Request(
        f"{stack.warehouse_url}/_sandbox/{act}", data=json.dumps(fields).encode()
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        given: dict[str, Any] = json.loads(answer.read())
        return given


def orders(stack: LiveStack) -> list[dict[str, Any]]:
    """Return all orders as the sandbox has them."""
    found: list[dict[str, Any]] = ask(stack, "orders")["orders"]
    return found


def open_reports(stack: LiveStack) -> list[dict[str, Any]]:
    """Return the reports that are still to be delivered."""
    found = ask(stack, "reports")["reports"]
    return [one for one in found if one["state"] in ("pending", "held")]


def refused_reports(stack: LiveStack) -> list[dict[str, Any]]:
    """Return the reports that the shop did not take."""
    return [
        one for one in ask(stack, "reports")["reports"] if one["state"] == "refused"
    ]
