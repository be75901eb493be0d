"""Transitions of a refund: recorded once, within the charge, forward only."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from orders import transitions
from orders.errors import NotCharged, RefundStale, RefundTooLarge, UnitsRefunded
from orders.models import Order, OrderEvent, OrderLine, Payment, Refund
from orders.transitions import refunds
from orders.transitions.refunds import Item, RefundRequest
from tests.saga.tables import dump
from tests.support.orders import make_order
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

SOON = datetime(2030, 1, 1, tzinfo=UTC)
TOTAL = 4200  # two mugs at 1,800 yen and 600 for shipping


def charged() -> Payment:
    payment = make_order({"MUG-01": 2}).payment
    transitions.capture(payment, payment.amount_minor, "ch_1")
    return payment


def refund_request(amount: int, **fields: Any) -> RefundRequest:
    values: dict[str, Any] = {
        "uid": uuid.uuid4(),
        "amount_minor": amount,
        "seen_minor": 0,
        "items": (),
        "actor": "yuki",
        "reason": "broken handle",
    }
    return RefundRequest(**(values | fields))


def mugs(payment: Payment, quantity: int, *, restock: bool = False) -> list[Item]:
    return [Item(payment.order.lines.get(), quantity, restock)]


def counters(payment: Payment) -> tuple[int, int, int]:
    payment.refresh_from_db()
    line = payment.order.lines.get()
    return payment.refunded_minor, line.refunded, line.restocked


def names(order: Order) -> list[str]:
    return [
        event.name
        for event in OrderEvent.objects.filter(order=order)
        if event.name.startswith(("refund", "goods"))
    ]


def test_a_request_is_recorded_and_counts_at_once() -> None:
    payment = charged()

    refund = refunds.request(
        payment, refund_request(1800, items=mugs(payment, 1, restock=True)), SOON
    )

    assert (refund.status, refund.amount_minor, refund.currency) == (
        "requested",
        1800,
        "JPY",
    )
    assert refund.refund_id is None
    assert counters(payment) == (1800, 1, 1)
    event = OrderEvent.objects.get(name="refund_requested")
    assert event.data == {"amount": 1800, "by": "yuki", "reason": "broken handle"}


def test_the_same_form_sent_twice_is_one_refund() -> None:
    payment = charged()
    wanted = refund_request(1800)

    first = refunds.request(payment, wanted, SOON)

    assert refunds.request(payment, wanted, SOON) == first
    assert counters(payment)[0] == 1800


def test_more_than_is_left_is_refused_and_changes_nothing() -> None:
    payment = charged()
    refunds.request(payment, refund_request(4000), SOON)
    before = dump()

    with pytest.raises(RefundTooLarge) as refusal:
        refunds.request(payment, refund_request(201, seen_minor=4000), SOON)

    assert (refusal.value.requested.minor, refusal.value.left.minor) == (201, 200)
    assert dump() == before


def test_a_form_shown_before_another_refund_is_refused() -> None:
    payment = charged()
    refunds.request(payment, refund_request(100), SOON)
    before = dump()

    with pytest.raises(RefundStale):
        refunds.request(payment, refund_request(100, seen_minor=0), SOON)

    assert dump() == before


@pytest.mark.parametrize("amount", [0, 1])
def test_what_was_not_charged_is_not_refunded(amount: int) -> None:
    payment = make_order().payment

    with pytest.raises(NotCharged):
        refunds.request(payment, refund_request(amount), SOON)

    assert not Refund.objects.exists()


def test_no_line_is_refunded_more_often_than_it_was_bought() -> None:
    payment = charged()
    refunds.request(payment, refund_request(1800, items=mugs(payment, 2)), SOON)
    before = dump()

    again = refund_request(1800, seen_minor=1800, items=mugs(payment, 1))
    with pytest.raises(UnitsRefunded) as refusal:
        refunds.request(payment, again, SOON)

    assert (refusal.value.refundable, refusal.value.restockable) == (0, 2)
    assert dump() == before


def test_the_database_itself_refuses_more_than_was_charged() -> None:
    payment = charged()
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(refunded_minor=TOTAL + 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.update(refunded=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.update(restocked=3)


def test_the_database_refuses_a_refund_without_actor_or_reason() -> None:
    payment = charged()
    for nobody in ({"actor": ""}, {"reason": ""}, {"amount_minor": 0}):
        values = {"actor": "yuki", "reason": "x", "amount_minor": 1}
        with pytest.raises(IntegrityError), transaction.atomic():
            Refund.objects.create(payment=payment, currency="JPY", **values | nobody)


@pytest.mark.parametrize("late", [False, True])
def test_a_success_is_recorded_once(late: bool) -> None:
    payment = charged()
    refund = refunds.request(payment, refund_request(1800), SOON)
    if late:
        assert refunds.await_bank(refund, "re_1") is True
        assert refund.status == "pending"

    assert refunds.succeed(refund, "re_1") is True
    assert refunds.succeed(refund, "re_1") is False
    assert refunds.await_bank(refund, "re_1") is False

    assert (refund.status, refund.refund_id) == ("succeeded", "re_1")
    assert refund.succeeded_at is not None
    assert names(payment.order) == ["refund_requested", "refund_succeeded"]


def test_a_failed_refund_counts_no_more_and_stays_failed() -> None:
    payment = charged()
    items = mugs(payment, 2, restock=True)
    refund = refunds.request(payment, refund_request(TOTAL, items=items), SOON)

    assert refunds.fail(refund, "the account is closed", "re_1") is True
    assert refunds.fail(refund, "again", "re_1") is False
    assert refunds.succeed(refund, "re_1") is False

    assert (refund.status, refund.failure) == ("failed", "the account is closed")
    assert counters(payment) == (0, 0, 0)
    assert names(payment.order) == ["refund_requested", "refund_failed"]


def test_goods_that_went_back_stay_counted_when_the_refund_fails_late() -> None:
    payment = charged()
    items = mugs(payment, 2, restock=True)
    refund = refunds.request(payment, refund_request(TOTAL, items=items), SOON)
    refunds.succeed(refund, "re_1")

    assert refunds.fail(refund, "the account is closed") is True

    assert counters(payment) == (0, 0, 2)
    twice = refund_request(100, items=mugs(payment, 1, restock=True))
    with pytest.raises(UnitsRefunded):
        refunds.request(payment, twice, SOON)
    again = refund_request(TOTAL, items=mugs(payment, 2))
    assert refunds.request(payment, again, SOON).status == "requested"


@pytest.mark.django_db(transaction=True)
def test_of_ten_people_at_once_one_refunds_and_the_others_are_refused() -> None:
    payment = charged()

    def act(number: int) -> Refund:
        mine = Payment.objects.get(pk=payment.pk)
        return refunds.request(
            mine, refund_request(4200, actor=f"staff {number}"), SOON
        )

    answers = run_together(range(10), act)

    assert [type(error) for error in exceptions_in(answers)] == [RefundStale] * 9
    assert counters(payment)[0] == 4200
    assert Refund.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_copies_of_one_form_at_once_are_one_refund() -> None:
    payment = charged()
    wanted = refund_request(300)

    answers = run_together(
        range(10),
        lambda _n: refunds.request(Payment.objects.get(pk=payment.pk), wanted, SOON).pk,
    )

    assert exceptions_in(answers) == []
    assert len(set(answers)) == 1
    assert counters(payment)[0] == 300
