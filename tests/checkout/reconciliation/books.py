"""Orders that are complete, and changes that make them disagree."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import IntentStatus
from checkout.reconciliation.compare import GRACE
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.reconciliation.run import reconcile
from inventory.models import Hold
from orders.models import Order
from saga.engine import run
from saga.models import Saga
from tests.conftest import Clock
from tests.support.ordering import place

LATER = GRACE.total_seconds() + 60


def buy(sku: str = "MUG-01", **options: Any) -> Order:
    """Place an order and run its saga."""
    order, saga = place(units={sku: 1}, **options)
    run(saga.pk)
    # Dated by the database, whose clock the tests do not move.
    Order.objects.filter(pk=order.pk).update(placed_at=timezone.now())
    Hold.objects.filter(reference=order.number).update(created_at=timezone.now())
    order.refresh_from_db()
    return order


def look(clock: Clock, *, days: int = 7) -> ReconciliationRun:
    """Reconcile after the time of grace."""
    clock.shift(LATER)
    return reconcile(timezone.now() - timedelta(days=days))


def found() -> list[tuple[str, str]]:
    """Return kind and order number of the open mismatches."""
    rows = Mismatch.objects.open().order_by("pk")
    return list(rows.values_list("kind", "order_number"))


def change(gateway: FakeGateway, order: Order, **changes: Any) -> None:
    """Change the order's payment at the provider."""
    order.payment.refresh_from_db()
    name = order.payment.intent_id or ""
    gateway.intents[name] = replace(gateway.intents[name], **changes)


def pay_elsewhere(
    gateway: FakeGateway, uid: str, status: IntentStatus = IntentStatus.SUCCEEDED
) -> str:
    """Make another payment that names ``uid`` as its order; return its id."""
    intent = gateway.create(uid, 2400, "JPY", f"elsewhere-{len(gateway.intents)}")
    charged = status is IntentStatus.SUCCEEDED
    gateway.intents[intent.id] = replace(
        intent,
        status=status,
        received=2400 if charged else 0,
        order=uid,
        moved_at=timezone.now(),
    )
    return intent.id


def saga_of(order: Order) -> Saga:
    return Saga.objects.main_paths().get(reference=order.number)
