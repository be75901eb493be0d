"""Corrections of recipients and of tracking: until when, once, and written down."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from orders import transitions
from orders.errors import CorrectedMeanwhile, TooLateToCorrect
from orders.models import Order, OrderChange, OrderEvent, Parcel
from orders.transitions import corrections
from orders.transitions.corrections import Correction
from tests.orders import acts
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def called_off(order: Order) -> None:
    acts.confirmed(order)
    acts.call_off(order)


def cancelled(order: Order) -> None:
    transitions.cancel(order, Order.CancelReason.STAFF)


def brought_to(state: Callable[[Order], object]) -> Order:
    order = make_order()
    state(order)
    return Order.objects.get(pk=order.pk)


def correction(field: str, before: str, after: str) -> Correction:
    values = {field: before}, {field: after}
    return Correction(uuid.uuid4(), *values, "mio", "by phone")


@pytest.mark.parametrize(
    ("state", "is_open"),
    [
        (acts.new, True),
        (acts.confirmed, True),
        (acts.held_back, True),
        (acts.sent, False),
        (cancelled, False),
        (called_off, False),
        (acts.exchange, True),
        (acts.exchanged, False),
    ],
)
def test_a_recipient_is_corrected_while_something_is_still_here(
    state: Callable[[Order], object], is_open: bool
) -> None:
    order = brought_to(state)
    wanted = correction("city", "Minato-ku", "Chuo-ku")

    assert corrections.is_correctable(order) is is_open
    if not is_open:
        with pytest.raises(TooLateToCorrect):
            corrections.correct_recipient(order, wanted)
        assert Order.objects.get().city == "Minato-ku"
        return

    assert corrections.correct_recipient(order, wanted) is True
    assert order.city == "Chuo-ku"
    assert corrections.correct_recipient(order, wanted) is False
    assert Order.objects.get().city == "Chuo-ku"


def test_who_read_the_order_before_it_was_cancelled_corrects_nothing() -> None:
    order = brought_to(acts.confirmed)
    acts.call_off(Order.objects.get())

    assert not corrections.is_correctable(order)
    with pytest.raises(TooLateToCorrect):
        corrections.correct_recipient(order, correction("city", "Minato-ku", "Chuo-ku"))


@pytest.mark.parametrize(
    ("state", "read", "before", "named"),
    [
        (acts.sent, acts.parcel, "1", {"parcel": 1}),
        (acts.exchanged, acts.parcel_again, "", {"parcel": 1, "exchange": "-X1"}),
    ],
)
def test_a_tracking_number_is_corrected_once_and_written_down(
    state: Callable[[Order], object],
    read: Callable[[Order], Parcel],
    before: str,
    named: dict[str, Any],
) -> None:
    order = brought_to(state)
    sent, wanted = read(order), correction("tracking_number", before, "9")
    named = {
        name: f"{order.number}{value}" if name == "exchange" else value
        for name, value in named.items()
    }

    assert corrections.correct_tracking(order, sent, wanted) is True
    assert sent.tracking_number == "9"
    assert corrections.correct_tracking(order, read(order), wanted) is False

    sent.refresh_from_db()
    assert sent.tracking_number == "9"
    change = OrderChange.objects.get()
    assert (change.order, change.parcel) == (order, sent)
    assert (change.before, change.after) == (wanted.before, wanted.after)
    assert (change.uid, change.actor, change.reason) == (wanted.uid, "mio", "by phone")
    event = OrderEvent.objects.get(name=OrderEvent.Name.TRACKING_CORRECTED)
    assert event.key == str(wanted.uid)
    written = {"fields": ["tracking_number"], "actor": "mio", "reason": "by phone"}
    assert event.data == written | named


@pytest.mark.parametrize(
    ("state", "read", "before"),
    [
        (acts.sent, acts.parcel, "2"),
        (acts.exchanged, acts.parcel_again, "2"),
    ],
    ids=["a parcel", "a parcel of an exchange"],
)
def test_a_number_that_is_not_as_it_was_found_stays(
    state: Callable[[Order], object],
    read: Callable[[Order], Parcel],
    before: str,
) -> None:
    order = brought_to(state)

    with pytest.raises(CorrectedMeanwhile) as refusal:
        corrections.correct_tracking(
            order, read(order), correction("tracking_number", before, "9")
        )

    assert str(refusal.value) == f"{read(order)}: changed meanwhile"
    assert read(order).tracking_number != "9"
    assert not OrderChange.objects.exists()
