"""Notes that staff write on an order."""

from typing import Any

from backoffice.models import OrderNote
from orders.models import Order


def write_note(order: Order, actor: str, values: dict[str, Any]) -> None:
    """Keep the note; the same form sent again changes nothing."""
    OrderNote.objects.get_or_create(
        key=values["key"],
        defaults={"order": order, "actor": actor, "text": values["text"]},
    )
