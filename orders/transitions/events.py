"""Events in the history of an order, and rows in memory kept up to date."""

from typing import Any

from django.db import models

from orders.models import (
    OrderEvent,
)
from shop.database.insert import insert
from shop.database_clock import Now


def record_event(
    order_id: int, name: OrderEvent.Name, key: str = "", **data: Any
) -> None:
    """Write an event, once for an order, name and key. Twice is once."""
    values = {"order_id": order_id, "name": name, "key": key, "data": data}
    insert(OrderEvent, values, twice=False)


def record_events(events: list[OrderEvent]) -> None:
    """Write several events in one statement. Twice is once."""
    # A query first would cost three statements more on every move of every order.
    OrderEvent.objects.bulk_create(events, ignore_conflicts=True)


def show(row: models.Model, **fields: Any) -> None:
    """Set on the row in memory what was written, without reading it again.

    A time that only the database knows is read when it is asked for.
    """
    for name, value in fields.items():
        setattr(row, name, value)
        if isinstance(value, Now):
            delattr(row, name)
