"""Shortages and the rest of an order: once, of what is due, and in its own status."""

import uuid
from collections.abc import Mapping

import pytest
from django.db import transaction

from orders import transitions
from orders.errors import (
    FormOfAnother,
    IllegalMove,
    NotDue,
    NothingDue,
    ShortageMoved,
    ShortageOpen,
    TooManyMissing,
)
from orders.models import Order, OrderEvent, Parcel, Shortage
from orders.parcels import Units
from orders.transitions import shortages
from orders.transitions.shortages import Decision, Report
from tests.orders import acts
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def charged(units: Mapping[str, int]) -> Order:
    order = make_order(units)
    acts.charged(order)
    return Order.objects.get(pk=order.pk)


def report(order: Order, quantity: int = 1) -> Report:
    items = [Units(line, quantity) for line in order.lines.order_by("-pk")]
    return Report(uuid.uuid4(), items, acts.DAY, "yuki", "empty")


def send(order: Order, quantity: int) -> Parcel | None:
    items = [Units(line, quantity) for line in order.lines.all()]
    return transitions.ship(
        order, carrier="", tracking_number="", actor="mio", items=items
    )


def test_a_form_sent_twice_is_one_shortage_of_its_order_only() -> None:
    order, other = charged({"MUG-01": 1, "TEA-01": 1}), charged({"MUG-01": 1})
    form = report(order)

    shortage, is_new = shortages.record(order, form)

    assert is_new is True
    assert shortages.record(order, form) == (shortage, False)
    with pytest.raises(ShortageOpen, match=order.number):
        shortages.record(order, report(order))
    with pytest.raises(FormOfAnother), transaction.atomic():
        shortages.record(other, form)
    shortage.refresh_from_db()
    assert (shortage.uid, shortage.expected_on) == (form.uid, acts.DAY)
    assert shortage.lines.count() == 2


def test_no_more_is_missing_and_no_more_leaves_than_is_due() -> None:
    order = charged({"MUG-01": 2})
    send(order, 1)

    with pytest.raises(TooManyMissing) as missing, transaction.atomic():
        shortages.record(order, report(order, 2))
    with pytest.raises(NotDue) as sent, transaction.atomic():
        send(order, 2)
    with pytest.raises(NothingDue), transaction.atomic():
        send(order, 0)

    assert "MUG-01" in str(missing.value)
    assert "MUG-01" in str(sent.value)
    line = order.lines.get()
    assert (line.shipped, line.restocked) == (1, 0)


def test_a_shortage_moves_only_from_the_status_that_allows_it() -> None:
    order = charged({"MUG-01": 1})
    shortages.record(order, report(order))
    with pytest.raises(ShortageMoved):
        shortages.arrive(acts.shortage(order), 0, "mio", "came")

    wait = Decision(Shortage.Choice.WAIT, 0, "yuki", "by phone", until=acts.DAY)
    shortages.decide(acts.shortage(order), wait, 0)
    with pytest.raises(ShortageMoved):
        shortages.ask(acts.shortage(order), 1, "mio", acts.DAY)

    shortages.arrive(acts.shortage(order), 1, "mio", "came")
    again = Decision(Shortage.Choice.PART, 2, "yuki", "by phone")
    with pytest.raises(ShortageMoved):
        shortages.decide(acts.shortage(order), again, 0)
    # Nothing is owed, and nothing can be dropped.
    with pytest.raises(ShortageMoved):
        shortages.drop_promise(acts.shortage(order), 2, "mio", "a mistake")


def test_a_promise_is_dropped_as_it_was_seen() -> None:
    order = make_order()
    acts.owing(order)

    with pytest.raises(ShortageMoved):
        shortages.drop_promise(acts.shortage(order), 0, "mio", "a mistake")

    assert acts.shortage(order).refund_minor == 100


def test_what_has_left_in_part_is_finished_when_the_rest_is_given_up() -> None:
    order, other = charged({"MUG-01": 2, "TEA-01": 2}), charged({"MUG-01": 2})
    send(order, 1)
    assert transitions.finish(order) is False

    rest = shortages.give_up(order)
    assert [units.quantity for units in rest] == [1, 1]
    transitions.hold_back(order)
    assert transitions.finish(order) is False
    transitions.send_on(order)
    # Nothing of this one has left.
    shortages.give_up(other)
    assert transitions.finish(other) is False

    assert transitions.finish(order, actor="mio") is True
    assert transitions.finish(order, actor="mio") is False

    event = OrderEvent.objects.get(name=OrderEvent.Name.SHIPMENT_DISPATCHED)
    assert (event.order, event.data) == (order, {"actor": "mio"})


def test_what_has_left_in_part_is_not_called_off() -> None:
    order = charged({"MUG-01": 2})
    send(order, 1)

    with pytest.raises(IllegalMove):
        acts.call_off(order)

    assert Order.objects.get().status == "confirmed"


def test_a_parcel_knows_when_it_arrived_and_who_said_so() -> None:
    order = charged({"MUG-01": 1})
    parcel = send(order, 1)
    assert parcel is not None

    assert transitions.deliver(parcel, acts.SOON, by="carrier") is True

    assert parcel.delivered_at == acts.SOON
    event = OrderEvent.objects.get(name=OrderEvent.Name.PARCEL_DELIVERED)
    assert event.data == {"parcel": 1, "by": "carrier"}
