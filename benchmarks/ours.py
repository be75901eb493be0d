"""The shop's own saga: five durable steps, enqueued as the checkout does it."""

from uuid import uuid4

from django.utils import timezone

from checkout.flow.definition import CHECKOUT
from inventory.services import receive
from orders.models import Order, OrderLine, Payment, PaymentAttempt, new_number
from saga.enqueue import publish
from saga.models import Saga, State

SKUS = [f"BENCH-{number:02}" for number in range(20)]


def prepare(count: int) -> list[int]:
    """Write ``count`` placed orders whose sagas are not enqueued. Return their keys."""
    for sku in SKUS:
        receive(sku, 1_000_000, f"bench-{uuid4()}")
    return [_place(SKUS[number % len(SKUS)]) for number in range(count)]


def _place(sku: str) -> int:
    order = Order.objects.create(
        number=f"{new_number(timezone.localdate())}{uuid4().hex[:6]}",
        checkout_key=uuid4(),
        language="en",
        email="bench@example.com",
        name="Bench",
        phone="0",
        postcode="0",
        prefecture="tokyo",
        city="-",
        street="-",
        delivery="door",
        currency="JPY",
        subtotal_minor=1000,
        shipping_minor=0,
        total_minor=1000,
    )
    OrderLine.objects.create(
        order=order,
        sku=sku,
        name="Mug",
        unit_minor=1000,
        quantity=1,
        tax_rate=10,
        currency="JPY",
    )
    payment = Payment.objects.create(order=order, amount_minor=1000, currency="JPY")
    PaymentAttempt.objects.create(payment=payment, number=1, token="pm_card_visa")  # noqa: S106
    saga = Saga.objects.create(
        definition=CHECKOUT.name,
        version=CHECKOUT.version,
        reference=order.number,
        step=CHECKOUT.steps[0].name,
    )
    return saga.pk


def submit(pks: list[int]) -> None:
    for saga in Saga.objects.filter(pk__in=pks).iterator():
        if not publish(saga):
            message = "the broker refused a saga"
            raise RuntimeError(message)


def done() -> int:
    return Saga.objects.main_paths().filter(state=State.DONE).count()
