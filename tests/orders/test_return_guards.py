"""Returns: a form counts once, no more comes back than left, and what became of it."""

import uuid
from collections.abc import Callable, Mapping

import pytest
from django.db import transaction

from orders import transitions
from orders.errors import FormOfAnother, NotReturnable, ReturnMoved, TooManyReturned
from orders.models import (
    Order,
    OrderLine,
    Refund,
    Return,
    ReturnLine,
    ReturnPhoto,
    Substitute,
)
from orders.parcels import Units
from orders.transitions import refunds, returns
from orders.transitions.refunds import RefundRequest
from orders.transitions.returns import Decision, Outcome, Wish
from tests.orders import acts
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

MIO, NO = Decision("mio"), Decision("mio", answer="It was worn.")


def sent(units: Mapping[str, int], left: int) -> Order:
    """Return a charged order of which ``left`` units of each line have left."""
    order = make_order(units)
    acts.charged(order)
    items = [Units(line, left) for line in order.lines.all()]
    transitions.ship(order, carrier="", tracking_number="", actor="mio", items=items)
    return Order.objects.get(pk=order.pk)


def wish(order: Order, quantity: int = 1, photo: bytes = b"") -> Wish:
    items = [Units(line, quantity) for line in order.lines.order_by("pk")]
    return Wish(uuid.uuid4(), items, "damaged", "a crack", photo)


def test_a_form_sent_twice_is_one_return_of_its_order_only() -> None:
    order, other = sent({"MUG-01": 2}, 2), sent({"MUG-01": 2}, 2)
    form = wish(order, photo=b"photo")

    first, is_new = returns.request(order, form)
    assert is_new is True
    assert returns.request(order, form) == (first, False)
    with pytest.raises(FormOfAnother), transaction.atomic():
        returns.request(other, form)

    assert bytes(ReturnPhoto.objects.get().content) == b"photo"
    assert order.lines.get().returned == 1


def test_a_wish_to_return_nothing_is_refused() -> None:
    order = sent({"MUG-01": 1}, 1)

    with pytest.raises(NotReturnable, match=order.number), transaction.atomic():
        returns.request(order, wish(order, 0))

    assert not Return.objects.exists()


@pytest.mark.parametrize(("first", "then"), [(0, 2), (1, 1)])
def test_no_more_comes_back_than_has_left(first: int, then: int) -> None:
    order = sent({"MUG-01": 2}, 1)
    if first:
        returns.request(order, wish(order, first))

    with pytest.raises(TooManyReturned), transaction.atomic():
        returns.request(order, wish(order, then))

    assert order.lines.get().returned == first


def test_what_was_scrapped_stays_counted_and_what_did_not_arrive_does_not() -> None:
    order = sent({"MUG-01": 3, "TEA-01": 3}, 3)
    returned, _new = returns.register(order, wish(order, 3), MIO)
    mug, tea = returned.lines.order_by("line")

    arrived = [Outcome(mug, restocked=1, scrapped=1, sent_back=1)]
    assert returns.receive(returned, arrived, "mio") is True

    mug.refresh_from_db()
    tea.refresh_from_db()
    assert (mug.restocked, mug.scrapped, mug.sent_back) == (1, 1, 1)
    assert (tea.restocked, tea.scrapped, tea.sent_back) == (0, 0, 0)
    counted = order.lines.order_by("pk").values_list(
        "returned", "restocked", "came_back"
    )
    assert list(counted) == [(1, 1, 1), (0, 0, 0)]


@pytest.mark.parametrize(
    ("state", "move"),
    [
        (acts.to_return, lambda row: returns.approve(row, MIO)),
        (acts.to_return, lambda row: returns.refuse(row, NO)),
        (acts.to_return, lambda row: returns.withdraw(row, "mio")),
        (acts.coming_back, lambda row: returns.receive(row, [], "mio")),
        (acts.come_back, lambda row: returns.close(row, "mio")),
    ],
    ids=["approve", "refuse", "withdraw", "receive", "close"],
)
def test_a_move_of_a_return_says_that_it_was_made_before(
    state: Callable[[Order], None], move: Callable[[Return], bool]
) -> None:
    order = make_order()
    state(order)

    assert move(acts.back(order)) is True
    assert move(acts.back(order)) is False


def test_a_return_that_is_closed_is_not_approved_any_more() -> None:
    order = make_order()
    acts.come_back(order)
    returns.close(acts.back(order), "mio")

    with pytest.raises(ReturnMoved):
        returns.approve(acts.back(order), MIO)


def test_a_return_is_closed_with_one_refund() -> None:
    order = sent({"MUG-01": 1}, 1)
    returned, _new = returns.register(order, wish(order), MIO)
    returns.receive(returned, [], "mio")
    first, second = (refund(order, seen) for seen in (0, 100))

    assert returns.close(returned, "mio", refund=first) is True
    assert returns.close(returned, "mio", refund=first) is False
    for other in (second, None):
        with pytest.raises(ReturnMoved):
            returns.close(returned, "mio", refund=other)

    returned.refresh_from_db()
    assert returned.refund == first


def refund(order: Order, seen: int) -> Refund:
    wanted = RefundRequest(uuid.uuid4(), 100, seen, (), "yuki", "broken")
    return refunds.request(order.payment, wanted, acts.SOON)


def test_the_units_of_a_row_are_those_of_the_substitute() -> None:
    line, substitute = OrderLine(sku="MUG-01"), Substitute(sku="CUP-01")
    row = ReturnLine(line=line, substitute=substitute, quantity=2)

    assert returns.units_of(row) == Units(line, 2, substitute)
