"""Events of an order, and rows in hand that show what was written."""

from typing import Any

from django.db import models

from orders.models import (
    OrderEvent,
)


def record_event(
    order_id: int, name: OrderEvent.Name, key: str = "", **data: Any
) -> None:
    """Write an event once per order, name and key; later ones change nothing."""
    record_events([OrderEvent(order_id=order_id, name=name, key=key, data=data)])


def record_events(events: list[OrderEvent]) -> None:
    # One statement: looking first would cost three more, on every move of every order.
    OrderEvent.objects.bulk_create(events, ignore_conflicts=True)


def show(row: models.Model, **fields: Any) -> None:
    """Let the object in hand say what was written, without reading it again."""
    for name, value in fields.items():
        setattr(row, name, value)
