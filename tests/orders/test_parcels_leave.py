"""An order is released and its parcels leave: when that is possible, and once."""

import uuid
from collections.abc import Callable

import pytest

from orders import transitions
from orders.errors import IllegalMove
from orders.models import Order, Parcel, Shipment
from orders.parcels import Units
from tests.orders import acts
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def brought_to(state: Callable[[Order], object], units: int = 1) -> Order:
    order = make_order({"MUG-01": units})
    state(order)
    return Order.objects.get(pk=order.pk)


def send_one(order: Order, uid: uuid.UUID | None = None) -> Parcel | None:
    items = [Units(order.lines.get(), 1)]
    label = {"carrier": "yamato", "tracking_number": "1", "actor": "mio"}
    return transitions.ship(order, items=items, uid=uid, **label)


def test_an_order_is_released_once_and_before_it_is_confirmed() -> None:
    order = brought_to(acts.new)

    assert transitions.release(order, "mio") is True
    assert order.ready_at is not None
    assert transitions.release(order, "mio") is False


@pytest.mark.parametrize(
    ("state", "move", "to"),
    [
        (acts.confirmed, lambda o: transitions.release(o, "m"), "ready to be shipped"),
        (acts.new, acts.ship, "dispatched"),
        (acts.held_back, acts.ship, "dispatched"),
        (acts.sent, transitions.hold_back, "held_back"),
        (acts.sent, acts.call_off, "called_off"),
    ],
)
def test_a_move_that_does_not_fit_says_of_what_order_and_where_to(
    state: Callable[[Order], object], move: Callable[[Order], object], to: str
) -> None:
    order = brought_to(state)

    with pytest.raises(IllegalMove) as refusal:
        move(order)

    assert (refusal.value.row, refusal.value.to) == (order, to)


def test_a_parcel_has_the_number_of_its_form_and_leaves_once() -> None:
    order, uid = brought_to(acts.confirmed, units=3), uuid.uuid4()
    transitions.start_packing(order, "mio")

    first = send_one(order, uid)

    assert first is not None
    first.refresh_from_db()
    assert (first.uid, first.number, first.delivered_at) == (uid, 1, None)
    assert first.dispatched_at is not None
    assert Shipment.objects.get().packer == ""
    assert send_one(order, uid) is None
    second = send_one(order)
    assert second is not None
    assert (second.number, second.uid != uid) == (2, True)
    assert order.lines.get().shipped == 2


def test_what_is_picked_up_is_delivered_as_it_is_handed_over() -> None:
    order = brought_to(acts.for_pickup)

    parcel = send_one(order)

    assert parcel is not None
    parcel.refresh_from_db()
    assert parcel.delivered_at is not None
