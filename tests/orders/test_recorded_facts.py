"""What a move writes down is what happened: amounts, times, names, others' words."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from orders import transitions
from orders.errors import CancellationMoved, FormOfAnother, RefundTooLarge
from orders.models import (
    Cancellation,
    Dispute,
    Order,
    OrderEvent,
    Payment,
    Refund,
    RefundLine,
)
from orders.transitions import cancellations, disputes, polling, refunds
from orders.transitions.cancellations import Decision
from orders.transitions.disputes import Finding
from orders.transitions.refunds import FoundAtProvider, Item, RefundRequest
from shop.money import Money
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

SOON = datetime(2030, 1, 1, tzinfo=UTC)
LATER = datetime(2030, 1, 9, tzinfo=UTC)
LONG = "ä" * 400
Status = Dispute.Status
OPEN = Finding(
    status=Status.NEEDS_RESPONSE,
    is_inquiry=False,
    intent_id="pi_1",
    charge_id="ch_1",
    amount_minor=500,
    currency="JPY",
    reason="fraudulent",
    due_at=LATER,
)


def charged() -> Payment:
    payment = make_order().payment  # 2,400 yen
    transitions.record_intent(payment, "pi_1")
    transitions.capture(payment, payment.amount_minor, "ch_1")
    return payment


def facts(order: Order, name: OrderEvent.Name) -> tuple[str, dict[str, Any]]:
    """Return the key and the data of the only event of that name."""
    event = OrderEvent.objects.get(order=order, name=name)
    return event.key, event.data


# --- refunds --------------------------------------------------------------------------


def test_a_refund_found_at_the_provider_is_written_as_it_is_there() -> None:
    payment = charged()

    made = refunds.record_found(payment, FoundAtProvider("re_1", 100, is_made=True))
    pending = refunds.record_found(payment, FoundAtProvider("re_2", 50, is_made=False))

    assert made is not None
    assert pending is not None
    made.refresh_from_db()
    pending.refresh_from_db()
    assert (made.status, made.poll_at, made.polls) == ("succeeded", None, 1)
    assert made.succeeded_at is not None
    assert (pending.status, pending.succeeded_at, pending.polls) == ("pending", None, 1)
    assert pending.poll_at is not None
    assert (made.currency, pending.currency) == ("JPY", "JPY")
    named = OrderEvent.objects.filter(name=OrderEvent.Name.REFUND_FOUND)
    assert {event.data["at_provider"] for event in named} == {"re_1", "re_2"}


@pytest.mark.parametrize("amount", [2400, 2401])
def test_a_refund_found_there_counts_as_long_as_it_fits(amount: int) -> None:
    payment = charged()

    found = refunds.record_found(payment, FoundAtProvider("re_1", amount, is_made=True))

    payment.refresh_from_db()
    fits = amount <= payment.captured_minor
    assert (found is not None) == fits
    assert payment.refunded_minor == (amount if fits else 0)


def test_a_refund_found_there_leaves_a_payment_that_is_not_charged_as_it_is() -> None:
    payment = make_order().payment

    found = refunds.record_found(payment, FoundAtProvider("re_1", 0, is_made=True))

    assert found is None
    assert not Refund.objects.exists()


def test_the_words_of_a_bank_are_cut_to_what_fits_and_kept() -> None:
    payment = charged()
    refund = refunds.request(payment, wanted(100), SOON)

    refunds.fail(refund, LONG, "re_1")

    refund.refresh_from_db()
    assert len(refund.failure) == 300
    assert refund.refund_id == "re_1"
    assert facts(payment.order, OrderEvent.Name.REFUND_FAILED)[1] == {
        "amount": 100,
        "why": refund.failure,
    }


def test_a_failure_without_an_id_keeps_the_one_that_is_known() -> None:
    refund = refunds.request(charged(), wanted(100), SOON)
    refunds.await_bank(refund, "re_1")

    refunds.fail(refund, "closed")

    refund.refresh_from_db()
    assert (refund.status, refund.refund_id) == ("failed", "re_1")


def test_a_refund_of_another_payment_is_not_taken_for_the_same_form() -> None:
    first = charged()
    second = make_order().payment
    transitions.capture(second, second.amount_minor, "ch_2")
    form = wanted(100)
    refunds.request(first, form, SOON)

    with pytest.raises(FormOfAnother), transaction.atomic():
        refunds.request(second, form, SOON)

    assert Refund.objects.get().payment == first


def test_a_refund_of_several_lines_counts_each_of_them() -> None:
    order = make_order({"MUG-01": 1, "TEA-01": 3})
    transitions.capture(order.payment, order.total_minor, "ch_1")
    mug, tea = order.lines.order_by("pk")
    items = (Item(tea, 2, restock=True), Item(mug, 1))

    refunds.request(order.payment, replace(wanted(100), items=items), SOON)

    rows = RefundLine.objects.order_by("line").values_list(
        "line__sku", "quantity", "paid_minor", "restock"
    )
    assert list(rows) == [("MUG-01", 1, 1800, False), ("TEA-01", 2, 3600, True)]
    counted = order.lines.order_by("pk").values_list("refunded", "restocked")
    assert list(counted) == [(1, 0), (2, 2)]


def test_a_refusal_to_refund_names_the_currency_that_was_paid_in() -> None:
    payment = charged()
    Payment.objects.update(currency="USD")

    with pytest.raises(RefundTooLarge) as refusal:
        refunds.request(payment, wanted(2401), SOON)

    assert refusal.value.requested == Money(2401, "USD")


@pytest.mark.parametrize("disputed", [2300, 2301])
def test_what_a_dispute_took_is_not_refunded_as_well(disputed: int) -> None:
    payment = charged()
    disputes.record(disputes.report("du_1", SOON), replace(OPEN, amount_minor=disputed))

    if disputed == 2300:
        refunds.request(payment, wanted(100), SOON)
        return
    with pytest.raises(RefundTooLarge):
        refunds.request(payment, wanted(100), SOON)


def wanted(amount: int) -> RefundRequest:
    return RefundRequest(uuid.uuid4(), amount, 0, (), "yuki", "broken handle")


# --- disputes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ({}, 500),
        ({"status": Status.UNDER_REVIEW}, 500),
        ({"status": Status.LOST}, 500),
        ({"status": Status.WON}, 0),
        ({"is_inquiry": True}, 0),
        ({"currency": "USD"}, 0),
    ],
    ids=str,
)
def test_what_a_dispute_takes_back_is_counted(
    change: dict[str, Any], taken: int
) -> None:
    payment = charged()
    other = make_order().payment
    transitions.record_intent(other, "pi_2")
    transitions.capture(other, other.amount_minor, "ch_2")
    disputes.record(disputes.report("du_2", SOON), replace(OPEN, intent_id="pi_2"))

    disputes.record(disputes.report("du_1", SOON), replace(OPEN, **change))

    payment.refresh_from_db()
    assert payment.disputed_minor == taken


@pytest.mark.parametrize("due_at", [LATER, None])
def test_staff_read_when_and_why_a_dispute_has_to_be_answered(
    due_at: datetime | None,
) -> None:
    payment = charged()

    disputes.record(disputes.report("du_1", SOON), replace(OPEN, due_at=due_at))

    assert facts(payment.order, OrderEvent.Name.DISPUTE_OPENED) == (
        "du_1",
        {
            "amount": 500,
            "reason": "fraudulent",
            "answer_by": "2030-01-09T00:00:00+00:00" if due_at else "",
        },
    )
    assert Dispute.objects.get().closed_at is None


def test_a_dispute_that_ends_says_how() -> None:
    payment = charged()
    dispute = disputes.report("du_1", SOON)
    disputes.record(dispute, OPEN)

    disputes.record(dispute, replace(OPEN, status=Status.WON))

    assert facts(payment.order, OrderEvent.Name.DISPUTE_CLOSED) == (
        "du_1",
        {"outcome": "won"},
    )
    assert Dispute.objects.get().closed_at is not None


def test_a_dispute_that_was_read_meanwhile_is_not_set_aside() -> None:
    charged()
    dispute = disputes.report("du_1", SOON)
    disputes.record(dispute, OPEN)

    assert not disputes.set_aside(dispute, 1, "unknown")

    dispute.refresh_from_db()
    assert (dispute.status, dispute.error) == ("needs_response", "")
    assert dispute.poll_at is not None


def test_the_words_of_the_provider_are_cut_to_what_fits() -> None:
    charged()
    dispute = disputes.report("du_1", SOON)

    polling.note_failure(dispute, LONG)
    dispute.refresh_from_db()
    assert len(dispute.error) == 300

    disputes.set_aside(dispute, 1, LONG + "!")
    dispute.refresh_from_db()
    assert len(dispute.error) == 300


# --- cancellations --------------------------------------------------------------------

DECISION = Decision("mio", "as you wish", Money(100, "JPY"))


def confirmed() -> Order:
    order = make_order()
    transitions.confirm(order)
    return order


def test_who_decided_to_cancel_is_written_down() -> None:
    order = confirmed()
    asked, _new = cancellations.request(order, uuid.uuid4(), "ordered twice")
    cancellations.accept(asked, DECISION)

    key, data = facts(order, OrderEvent.Name.CANCELLATION_ACCEPTED)

    assert (key, data) == (str(asked.pk), {"by": "mio"})
    assert asked.reason == "ordered twice"
    assert asked.currency == "JPY"


def test_who_decided_without_a_request_is_written_down() -> None:
    order, uid = confirmed(), uuid.uuid4()
    begun, _new = cancellations.begin(
        order, uid, DECISION, by_customer=True, reason="twice"
    )

    assert (begun.reason, begun.by_customer, begun.currency) == ("twice", True, "JPY")
    assert facts(order, OrderEvent.Name.CANCELLATION_ACCEPTED) == (
        str(begun.pk),
        {"by": "mio"},
    )


def test_who_declined_to_cancel_is_written_down() -> None:
    order = confirmed()
    asked, _new = cancellations.request(order, uuid.uuid4(), "")
    cancellations.decline(asked, "mio", "It is packed.")

    assert facts(order, OrderEvent.Name.CANCELLATION_DECLINED) == (
        str(asked.pk),
        {"by": "mio"},
    )


def test_each_of_two_requests_has_its_own_events() -> None:
    order = confirmed()
    first, _new = cancellations.request(order, uuid.uuid4(), "")
    cancellations.decline(first, "mio", "It is packed.")

    second, _new = cancellations.request(order, uuid.uuid4(), "please")

    rows = OrderEvent.objects.filter(name=OrderEvent.Name.CANCELLATION_REQUESTED)
    assert {event.key for event in rows} == {str(first.pk), str(second.pk)}


def test_a_request_of_another_order_is_not_taken_for_the_same_form() -> None:
    """The form's id is unique: a stranger who sends it again learns nothing."""
    mine, theirs, uid = confirmed(), confirmed(), uuid.uuid4()
    cancellations.request(theirs, uid, "")
    other, _new = cancellations.request(mine, uuid.uuid4(), "")

    with pytest.raises(FormOfAnother), transaction.atomic():
        cancellations.request(mine, uid, "")

    assert Cancellation.objects.get(order=mine) == other


def test_one_cancellation_has_one_refund() -> None:
    payment = charged()
    asked, _new = cancellations.begin(payment.order, uuid.uuid4(), DECISION)
    first = refunds.request(payment, wanted(100), SOON)
    second = refunds.request(payment, replace(wanted(50), seen_minor=100), SOON)

    cancellations.link_refund(asked, first)
    cancellations.link_refund(asked, first)
    with pytest.raises(CancellationMoved):
        cancellations.link_refund(asked, second)

    asked.refresh_from_db()
    assert asked.refund == first


def test_a_cancellation_that_is_refused_has_no_refund() -> None:
    payment = charged()
    asked, _new = cancellations.begin(payment.order, uuid.uuid4(), DECISION)
    cancellations.link_refund(asked, refunds.request(payment, wanted(100), SOON))

    cancellations.refuse(asked)

    asked.refresh_from_db()
    assert (asked.status, asked.refund) == ("refused", None)
