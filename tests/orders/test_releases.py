"""New release dates of orders that were placed before."""

from collections.abc import Callable

import pytest

from orders import transitions
from orders.models import Order, OrderEvent
from orders.parcels import Units
from orders.transitions import releases
from orders.transitions.releases import Promised
from tests.orders import acts
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def partly_sent(order: Order) -> None:
    acts.confirmed(order)
    items = [Units(order.lines.get(), 1)]
    transitions.ship(order, carrier="", tracking_number="", actor="mio", items=items)


def cancelled(order: Order) -> None:
    transitions.cancel(order, Order.CancelReason.STAFF)


@pytest.mark.parametrize("state", [acts.new, acts.confirmed])
def test_a_release_moves_and_is_counted(state: Callable[[Order], None]) -> None:
    order = make_order()
    state(order)
    line = order.lines.get()
    dates = Promised(acts.DAY, *(acts.DAY.replace(day=day) for day in (3, 4, 5, 6)))

    assert releases.move_release(order, {line.pk: acts.DAY}, dates) == 1
    assert releases.move_release(order, {line.pk: acts.DAY}, dates) == 0
    assert vars(dates).items() <= vars(order).items()
    assert releases.move_release(order, {line.pk: None}, Promised(None)) == 2

    line.refresh_from_db()
    assert line.release_on is None
    events = OrderEvent.objects.filter(name=OrderEvent.Name.RELEASE_MOVED)
    assert list(events.order_by("pk").values_list("key", "data__not_before")) == [
        ("1", "2030-01-02"),
        ("2", ""),
    ]


@pytest.mark.parametrize("state", [partly_sent, acts.sent, cancelled])
def test_the_release_of_what_has_left_or_is_over_stays(
    state: Callable[[Order], None],
) -> None:
    order = make_order({"MUG-01": 2})
    state(order)
    dates = {order.lines.get().pk: acts.DAY}

    assert releases.move_release(order, dates, Promised(acts.DAY)) == 0

    order.refresh_from_db()
    assert order.not_before is None
    assert order.lines.get().release_on is None
