"""What a move does to rows beside its own: requests, debts, packing, the next poll."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from orders import transitions
from orders.errors import UnitsRefunded
from orders.exchange_errors import NotDueAgain
from orders.models import Cancellation, Order, Parcel, Refund, Shortage, Substitute
from orders.parcels import Units
from orders.transitions import cancellations, exchanges, refunds, returns, shortages
from orders.transitions.cancellations import BY_ITSELF
from orders.transitions.polling import finish_poll, plan_poll
from tests.orders import acts
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

LATER = acts.SOON + timedelta(hours=1)


def brought_to(state: Callable[[Order], None], units: int = 1) -> Order:
    order = make_order({"MUG-01": units})
    state(order)
    return Order.objects.get(pk=order.pk)


def end_unpaid(order: Order) -> object:
    return cancellations.close_unpaid(order)


def call_off(order: Order) -> object:
    return transitions.call_off(order, Order.CancelReason.REFUNDED, "mio")


@pytest.mark.parametrize(
    ("end", "actor"),
    [(end_unpaid, BY_ITSELF), (call_off, "mio")],
    ids=["unpaid", "called off"],
)
def test_an_order_that_ends_settles_the_wish_to_cancel_it_and_no_other(
    end: Callable[[Order], object], actor: str
) -> None:
    order, other = brought_to(acts.asked), brought_to(acts.asked)

    end(order)

    mine, theirs = (Cancellation.objects.get(order=one) for one in (order, other))
    assert (mine.status, mine.decided_by) == (Cancellation.Status.DONE, actor)
    assert theirs.status == Cancellation.Status.REQUESTED


def test_a_poll_that_ends_plans_the_next_one() -> None:
    order = brought_to(acts.refunded)
    refund = acts.refund(order)
    assert plan_poll(refund, acts.SOON)
    refund.refresh_from_db()

    finish_poll(refund, refund.polls, LATER)

    refund.refresh_from_db()
    assert refund.poll_at == LATER


def test_a_poll_that_was_overtaken_leaves_the_time_of_the_other() -> None:
    order = brought_to(acts.refunded)
    refund = acts.refund(order)
    assert plan_poll(refund, acts.SOON)

    finish_poll(refund, refund.polls, LATER)

    refund.refresh_from_db()
    assert refund.poll_at == acts.SOON


def test_a_refund_counts_for_the_shortage_of_its_order_that_owes_it() -> None:
    _other, order = brought_to(acts.owing), brought_to(acts.owing)

    wanted = refunds.RefundRequest(uuid.uuid4(), 100, 0, (), "yuki", "missing")
    refunds.request(order.payment, wanted, acts.SOON)

    assert Refund.objects.get().shortage == acts.shortage(order)
    assert set(Shortage.objects.owing()) == {acts.shortage(_other)}


def test_who_is_asked_again_is_offered_the_new_articles_only() -> None:
    order = brought_to(acts.short)
    row = acts.shortage(order).lines.get()
    shortages.ask(acts.shortage(order), 0, "mio", acts.DAY, acts.instead(order))
    first = acts.instead(order)[0]
    Substitute.objects.filter(place=row).update(sku="OLD-01")

    seen = acts.shortage(order).moves
    shortages.ask(acts.shortage(order), seen, "mio", acts.DAY, [first])

    assert [each.sku for each in Substitute.objects.all()] == [first.sku]


def send(
    order: Order, items: list[Units] | None = None, uid: uuid.UUID | None = None
) -> Parcel | None:
    """Hand over a parcel of the order's exchange."""
    exchange = acts.again(order)
    return exchanges.send(
        exchange,
        carrier="yamato",
        tracking_number="7",
        actor="mio",
        items=items,
        uid=uid,
    )


def test_an_exchange_that_leaves_is_nobodys_to_pack() -> None:
    order = brought_to(acts.exchange_packed)
    assert acts.again(order).packer == "mio"

    acts.send_again(order)

    sent = acts.again(order)
    assert (sent.packer, sent.packing_since) == ("", None)


def test_a_parcel_of_an_exchange_has_the_id_of_its_form_and_left_now() -> None:
    order, uid = brought_to(acts.exchange), uuid.uuid4()

    parcel = send(order, uid=uid)

    assert parcel is not None
    assert parcel.uid == uid
    assert parcel.dispatched_at is not None
    assert send(order, uid=uid) is None


def come_back(order: Order, units: int) -> None:
    """Have this many units of the order's line come back and be put into stock."""
    acts.sent(order)
    items = [Units(order.lines.get(), units)]
    wish = returns.Wish(uuid.uuid4(), items, "damaged", "a crack")
    returns.register(order, wish, returns.Decision("mio", "noted", "come"))
    row = acts.back(order).lines.get()
    returns.receive(acts.back(order), [returns.Outcome(row, restocked=units)], "mio")
    exchanges.begin(acts.back(order), "mio")


def test_of_an_exchange_some_may_leave_first_and_no_more_than_are_due() -> None:
    order = make_order({"MUG-01": 3})
    come_back(order, 2)
    line = order.lines.get()

    send(order, [Units(line, 1)])

    assert acts.again(order).status != "sent"
    with pytest.raises(NotDueAgain) as refused, transaction.atomic():
        send(order, [Units(line, 2)])
    assert (refused.value.sku, refused.value.left) == ("MUG-01", 1)
    send(order)
    assert acts.again(order).status == "sent"


def test_a_refund_and_a_return_of_the_same_unit_are_not_both_counted() -> None:
    order = brought_to(acts.charged, units=2)
    acts.ship(order)
    come = returns.Wish(uuid.uuid4(), [Units(order.lines.get(), 2)], "damaged", "")
    returns.request(Order.objects.get(pk=order.pk), come)
    item = refunds.Item(order.lines.get(), 1, restock=True)
    wanted = refunds.RefundRequest(uuid.uuid4(), 100, 0, [item], "yuki", "broken")

    with pytest.raises(UnitsRefunded, match="MUG-01"):
        refunds.request(order.payment, wanted, acts.SOON)
