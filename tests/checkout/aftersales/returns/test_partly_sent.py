"""Returns of an order of which a part has left: the rest is still sent, once."""

import pytest
from django.test import Client
from django.urls import reverse

from checkout.aftersales import exchanges
from checkout.aftersales.returns import services
from checkout.payments.fake.gateway import FakeGateway
from orders.errors import TooManyReturned
from orders.models import Order, OrderLine
from orders.parcels import by_sku, due, to_send
from tests.support.invariants import assert_invariants
from tests.support.ordering import counters
from tests.support.parcels import send
from tests.support.refunding import make_charged_order, make_refund
from tests.support.returns import DECISION, arrive, register, too_many, wish
from tests.support.shortages import assert_books_agree

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
SKU = "MUG-01"


@pytest.fixture
def order(gateway: FakeGateway) -> Order:
    """Return an order of four mugs, of which two have left."""
    made = make_charged_order({SKU: 4})
    send(made, {SKU: 2})
    return made


def finished(order: Order) -> int:
    """Send what is due. Return how many units have left in all."""
    send(order)
    order.refresh_from_db()
    assert order.status == Order.Status.SHIPPED
    assert_invariants()
    assert_books_agree()
    return order.lines.get().shipped


def test_what_came_back_is_on_the_shelf_and_the_rest_is_still_sent(
    order: Order,
) -> None:
    on_hand, _held = counters(SKU)
    arrive(register(order, {SKU: 1}))

    assert counters(SKU) == (on_hand + 1, 0)
    assert by_sku(due(order)) == {SKU: 2}
    assert by_sku(to_send(order)) == {SKU: 4}
    assert finished(order) == 4
    # Three are with the customer.
    assert order.lines.get().returnable == 3


def test_no_more_comes_back_than_has_left(order: Order) -> None:
    arrive(register(order, {SKU: 1}))

    with pytest.raises(TooManyReturned):
        services.register(order, wish(order, items=too_many(order, 2)), DECISION)

    register(order, {SKU: 1})
    assert OrderLine.objects.get().returned == 1
    assert not services.is_returnable(order)
    assert finished(order) == 4


def test_what_was_scrapped_or_exchanged_leaves_the_rest_as_it_was(
    order: Order,
) -> None:
    returned = register(order, {SKU: 2})
    arrive(returned, restocked=1, scrapped=1)
    again = exchanges.begin(returned, "yuki")
    assert again
    assert by_sku(due(order)) == {SKU: 2}
    exchanges.drop(again, "yuki")
    assert by_sku(due(order)) == {SKU: 2}
    returned.refresh_from_db()
    again = exchanges.begin(returned, "yuki")
    assert again
    exchanges.send(again, carrier="yamato", tracking_number="1", actor="yuki")

    assert finished(order) == 4
    # The two that were sent again may come back like the first ones.
    assert order.lines.get().returnable == 4


def test_a_refund_takes_what_it_puts_back_from_the_units_that_did_not_leave(
    order: Order,
) -> None:
    arrive(register(order, {SKU: 1}))

    make_refund(order, 1800, goods={SKU: 1}, restock=True)

    assert by_sku(due(order)) == {SKU: 1}
    assert finished(order) == 3
    assert order.lines.get().returnable == 2


def test_the_customer_asks_before_the_rest_has_left(
    client: Client, order: Order
) -> None:
    page = reverse("checkout:order", args=[order.uid])
    offered = reverse("checkout:order_returns", args=[order.uid])
    assert offered in client.get(page).content.decode()
    form = client.get(offered).content.decode()
    assert 'max="2"' in form
