"""Write completed orders directly into the database."""

import uuid
from datetime import datetime

from checkout.status.names import CHECKOUT_NAME
from inventory.models import Hold, Movement, StockItem
from orders.models import Order, OrderLine, Payment
from saga.models import Saga, State

_BATCH = 1000


def write(orders: list[tuple[str, datetime, str]], amount: int) -> None:
    """Write orders of one mug each: (uid, placed at, payment intent)."""
    units = len(orders)
    item = StockItem.objects.create(sku="MUG", on_hand=0, held=0)
    Movement.objects.create(item=item, kind="receive", quantity=units, reference="all")
    for start in range(0, units, _BATCH):
        _write(orders[start : start + _BATCH], amount, item)


def _write(
    chunk: list[tuple[str, datetime, str]], amount: int, item: StockItem
) -> None:
    orders = Order.objects.bulk_create(
        Order(
            uid=uuid.UUID(uid),
            number=f"B-{uid[:13]}",
            checkout_key=uuid.uuid4(),
            status=Order.Status.CONFIRMED,
            language="ja",
            email="b@example.com",
            name="B",
            currency="JPY",
            subtotal_minor=amount,
            shipping_minor=0,
            total_minor=amount,
            placed_at=placed_at,
        )
        for uid, placed_at, _intent in chunk
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            sku=item.sku,
            name="Mug",
            unit_minor=amount,
            quantity=1,
            tax_rate=10,
            currency="JPY",
        )
        for order in orders
    )
    Payment.objects.bulk_create(
        Payment(
            order=order,
            amount_minor=amount,
            currency="JPY",
            status=Payment.Status.CAPTURED,
            captured_minor=amount,
            captured_at=placed_at,
            intent_id=intent,
        )
        for order, (_uid, placed_at, intent) in zip(orders, chunk, strict=True)
    )
    Saga.objects.bulk_create(
        Saga(
            definition=CHECKOUT_NAME,
            version=1,
            reference=order.number,
            state=State.DONE,
            step="send_confirmation",
            pivot_at=order.placed_at,
            finished_at=order.placed_at,
        )
        for order in orders
    )
    Hold.objects.bulk_create(
        Hold(item=item, reference=order.number, quantity=1, state=Hold.State.SHIPPED)
        for order in orders
    )
    Movement.objects.bulk_create(
        Movement(item=item, kind="ship_out", quantity=-1, reference=order.number)
        for order in orders
    )
