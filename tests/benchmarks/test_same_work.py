"""The peers of the saga write what the saga writes, or the comparison is unfair."""

from typing import Any

import pytest
from django.db.models import Model

from benchmarks import placed
from benchmarks.same_work import naive
from checkout.cart.models import Cart
from checkout.flow.definition import CHECKOUT
from checkout.payments.fake.gateway import FakeGateway
from inventory.models import Hold, Movement, StockItem
from orders.models import Order, OrderEvent, Payment, PaymentAttempt, Shipment
from saga.engine import run
from saga.models import Attempt, Saga, State

# What differs between any two orders.
ITS_OWN = ("id", "_id", "uid", "_key", "number", "_at", "_before", "_until")
ORDER = "order__number"
WRITTEN: tuple[tuple[type[Model], str], ...] = (
    (Order, "number"),
    (Payment, ORDER),
    (PaymentAttempt, f"payment__{ORDER}"),
    (Shipment, ORDER),
    (OrderEvent, ORDER),
    (Hold, "reference"),
    (Movement, "reference"),
)


def rows(number: str) -> list[tuple[str, Any]]:
    """Return all that the shop's tables say about an order, without its own names."""
    found = [
        (model.__name__, comparable(row))
        for model, lookup in WRITTEN
        for row in model._default_manager.filter(**{lookup: number})
    ]
    key = Order.objects.get(number=number).checkout_key
    carts = Cart.objects.filter(checkout_key=key)
    found += [("Cart", comparable(cart)) for cart in carts]
    return sorted(found, key=repr)


def comparable(row: Model) -> dict[str, Any]:
    """Return the fields; of times, whether they are set."""
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    fields.pop("reference", None)
    return {
        name: bool(value) if name.endswith(ITS_OWN) else value
        for name, value in fields.items()
    }


def history(definition: str, number: str) -> set[tuple[str, str]]:
    sagas = Saga.objects.filter(definition=definition, reference=number)
    tries = Attempt.objects.filter(saga__in=sagas)
    return set(tries.values_list("step", "outcome"))


@pytest.mark.django_db(transaction=True)
def test_a_naive_order_writes_the_rows_that_a_saga_writes(gateway: FakeGateway) -> None:
    (ours,) = placed.place(1, CHECKOUT.name)
    before = StockItem.objects.get(sku=placed.SKUS[0])
    for link in CHECKOUT.remaining_links(CHECKOUT.steps[0].name):
        run(ours.pk, link)
    (branch,) = Saga.objects.filter(parent=ours)
    run(branch.pk, "checkout.send_confirmation")
    (number,) = naive.prepare(1)

    for task in (naive.reserve, naive.pay, naive.fulfil, naive.mail):
        task(number)

    assert rows(number) == rows(ours.reference)
    assert history(naive.NAME, number) == history(CHECKOUT.name, ours.reference)
    assert set(Saga.objects.values_list("state", flat=True)) == {State.DONE}
    after = StockItem.objects.get(pk=before.pk)
    received = 1_000_000
    assert (after.on_hand, after.held) == (before.on_hand + received - 2, 0)
