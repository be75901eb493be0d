"""Notes that staff write on an order."""

from typing import Any

from backoffice.models import OrderNote
from orders.models import Order


def write_note(order: Order, actor: str, values: dict[str, Any]) -> None:
    """Keep a note on the order. Twice is once, by the form's key."""
    OrderNote.objects.get_or_create(
        key=values["key"],
        defaults={"order": order, "actor": actor, "text": values["text"]},
    )
