"""Units that are sent again, and the counters that hold what cannot be true."""

import uuid

import pytest

from orders import transitions
from orders.errors import ReturnMoved
from orders.exchange_errors import (
    NothingToExchange,
    TooManyExchanged,
)
from orders.models import Order, Return
from orders.parcels import Units
from orders.transitions import exchanges, refunds, returns
from orders.transitions.refunds import Item, RefundRequest
from orders.transitions.returns import Outcome, Wish
from tests.orders import acts
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def came_back(order: Order, shipped: int, back: int) -> Return:
    """Return a return of ``back`` units of each line, which were put into stock."""
    acts.charged(order)
    items = [Units(line, shipped) for line in order.lines.all()]
    transitions.ship(order, carrier="", tracking_number="", actor="mio", items=items)
    items = [Units(line, back) for line in order.lines.all()]
    returned, _new = returns.register(
        order, Wish(uuid.uuid4(), items, "damaged"), returns.Decision("mio")
    )
    found = [Outcome(row, restocked=back) for row in returned.lines.all()]
    returns.receive(returned, found, "mio")
    return returned


def test_only_the_chosen_units_are_sent_again() -> None:
    order = make_order({"MUG-01": 2, "TEA-01": 1})
    returned = came_back(order, 1, 1)
    mug, _tea = returned.lines.order_by("line")
    with pytest.raises(TooManyExchanged, match="MUG-01"):
        exchanges.begin(returned, "mio", {mug.pk: 2})
    returned.refresh_from_db()
    with pytest.raises(NothingToExchange):
        exchanges.begin(returned, "mio", {mug.pk: 0})

    exchanges.begin(returned, "mio", {mug.pk: 1})

    rows = returned.lines.order_by("line").values_list("exchanged", flat=True)
    assert list(rows) == [1, 0]
    counted = order.lines.order_by("pk").values_list("came_back", flat=True)
    assert list(counted) == [0, 1]


def test_a_return_stays_open_for_the_money_of_what_is_not_sent_again() -> None:
    order = make_order({"MUG-01": 2, "TEA-01": 1})
    returned = came_back(order, 1, 1)
    mug, _tea = returned.lines.order_by("line")
    exchange = exchanges.begin(returned, "mio", {mug.pk: 1})
    assert exchange is not None

    exchanges.send(exchange, carrier="", tracking_number="", actor="mio")

    returned.refresh_from_db()
    assert (returned.status, returned.closed_at) == ("received", None)
    with pytest.raises(NothingToExchange, match=f"return {returned.pk}:"):
        exchanges.begin(returned, "mio")


def test_an_exchange_that_was_decided_again_has_a_number_of_its_own() -> None:
    order = make_order()
    returned = came_back(order, 1, 1)
    first = exchanges.begin(returned, "mio")
    assert first is not None
    exchanges.drop(first, "mio")
    returned.refresh_from_db()

    second = exchanges.begin(returned, "mio")

    assert second is not None
    assert (first.number, first.turn) == (f"{order.number}-X1", 1)
    assert (second.number, second.turn) == (f"{order.number}-X2", 2)


def test_what_is_to_be_sent_again_cannot_be_dropped_once_it_is_returned() -> None:
    order = make_order({"MUG-01": 2})
    returned = came_back(order, 1, 1)
    exchange = exchanges.begin(returned, "mio")
    assert exchange is not None
    items = [Units(order.lines.get(), 1)]
    returns.request(order, Wish(uuid.uuid4(), items, "damaged"))

    with pytest.raises(ReturnMoved):
        exchanges.drop(exchange, "mio")

    exchange.refresh_from_db()
    assert exchange.status == "requested"


def test_what_is_to_be_sent_again_cannot_be_dropped_once_it_is_refunded() -> None:
    order = make_order({"MUG-01": 2})
    returned = came_back(order, 2, 1)
    exchange = exchanges.begin(returned, "mio")
    assert exchange is not None
    items = [Item(order.lines.get(), 2, restock=True)]
    wanted = RefundRequest(uuid.uuid4(), 100, 0, items, "yuki", "broken")
    refunds.request(order.payment, wanted, acts.SOON)

    with pytest.raises(ReturnMoved):
        exchanges.drop(exchange, "mio")

    exchange.refresh_from_db()
    assert exchange.status == "requested"
