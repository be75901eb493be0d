"""Orders as the customer's confirmation leaves them: placed, paid for by no one yet."""

from uuid import uuid4

from django.utils import timezone

from checkout.cart.models import Cart
from checkout.flow.definition import CHECKOUT
from inventory.services import receive
from orders.models import (
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    PaymentAttempt,
    new_number,
)
from saga.models import Saga

SKUS = [f"BENCH-{number:02}" for number in range(20)]


def place(count: int, definition: str) -> list[Saga]:
    """Write ``count`` placed orders. Return their sagas, which are not enqueued."""
    for sku in SKUS:
        receive(sku, 1_000_000, f"bench-{uuid4()}")
    return [_place(SKUS[number % len(SKUS)], definition) for number in range(count)]


def numbers(count: int, definition: str) -> list[str]:
    """Like ``place``. Return the numbers of the orders."""
    return [saga.reference for saga in place(count, definition)]


def _place(sku: str, definition: str) -> Saga:
    cart = Cart.objects.create(state=Cart.State.ORDERED)
    order = Order.objects.create(
        number=f"{new_number(timezone.localdate())}{uuid4().hex[:6]}",
        checkout_key=cart.checkout_key,
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
    OrderEvent.objects.create(order=order, name=OrderEvent.Name.ORDER_PLACED)
    return Saga.objects.create(
        definition=definition,
        version=CHECKOUT.version,
        reference=order.number,
        step=CHECKOUT.steps[0].name,
    )
