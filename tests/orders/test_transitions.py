"""Every move of an order and its payment: allowed, repeated, refused."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from orders import transitions
from orders.errors import IllegalMove
from orders.models import Order, OrderEvent, Payment, PaymentAttempt, Shipment
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

Reason = Order.CancelReason
Outcome = PaymentAttempt.Outcome


def events(order: Order) -> list[str]:
    return list(order.events.values_list("name", flat=True))


def authorize(payment: Payment) -> bool:
    return transitions.authorize(
        payment, charge_id="ch_1", brand="visa", last4="4242", capture_before=None
    )


def capture(payment: Payment) -> bool:
    return transitions.capture(payment, payment.amount_minor, "ch_1")


def test_confirming_asks_for_the_shipment() -> None:
    order = make_order()

    assert transitions.confirm(order) is True

    assert order.status == Order.Status.CONFIRMED
    assert order.confirmed_at is not None
    assert Shipment.objects.get().order_id == order.pk
    assert events(order) == ["order_confirmed", "shipment_requested"]


def test_confirming_twice_changes_nothing() -> None:
    order = make_order()
    transitions.confirm(order)
    confirmed_at = order.confirmed_at

    assert transitions.confirm(order) is False

    order.refresh_from_db()
    assert order.confirmed_at == confirmed_at
    assert Shipment.objects.count() == 1
    assert events(order) == ["order_confirmed", "shipment_requested"]


def test_cancelling_keeps_the_reason() -> None:
    order = make_order()

    assert transitions.cancel(order, Reason.OUT_OF_STOCK) is True

    assert (order.status, order.cancel_reason) == ("cancelled", "out_of_stock")
    assert order.cancelled_at is not None
    event = OrderEvent.objects.get()
    assert (event.name, event.data) == ("order_cancelled", {"reason": "out_of_stock"})


def test_cancelling_twice_keeps_the_first_reason() -> None:
    order = make_order()
    transitions.cancel(order, Reason.OUT_OF_STOCK)

    assert transitions.cancel(order, Reason.NOT_PAID) is False

    order.refresh_from_db()
    assert order.cancel_reason == "out_of_stock"
    assert events(order) == ["order_cancelled"]


def test_a_confirmed_order_is_not_cancelled() -> None:
    order = make_order()
    transitions.confirm(order)

    with pytest.raises(IllegalMove) as refusal, transaction.atomic():
        transitions.cancel(order, Reason.STAFF)

    assert (refusal.value.row, refusal.value.to) == (order, "cancelled")
    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == ("confirmed", "")
    assert events(order) == ["order_confirmed", "shipment_requested"]


def test_a_cancelled_order_is_not_confirmed() -> None:
    order = make_order()
    transitions.cancel(order, Reason.NOT_PAID)

    with pytest.raises(IllegalMove), transaction.atomic():
        transitions.confirm(order)

    order.refresh_from_db()
    assert order.status == "cancelled"
    assert not Shipment.objects.exists()
    assert events(order) == ["order_cancelled"]


def test_authorising_keeps_the_card_and_accepts_the_attempt() -> None:
    payment = make_order().payment
    before = datetime(2030, 1, 1, tzinfo=UTC)

    moved = transitions.authorize(
        payment, charge_id="ch_1", brand="visa", last4="4242", capture_before=before
    )

    assert moved is True
    assert (payment.status, payment.charge_id) == ("authorized", "ch_1")
    assert (payment.card_brand, payment.card_last4) == ("visa", "4242")
    assert payment.capture_before == before
    assert payment.attempts.get().outcome == Outcome.ACCEPTED
    assert events(payment.order) == ["payment_authorized"]


@pytest.mark.parametrize(
    ("move", "event"),
    [
        (authorize, "payment_authorized"),
        (capture, "payment_captured"),
        (transitions.cancel_payment, "payment_cancelled"),
    ],
)
def test_a_payments_move_made_twice_is_made_once(
    move: Callable[[Payment], bool], event: str
) -> None:
    payment = make_order().payment
    assert move(payment) is True

    assert move(payment) is False

    assert events(payment.order) == [event]


@pytest.mark.parametrize("first", [None, authorize])
def test_a_charge_counts_from_pending_as_from_authorised(
    first: Callable[[Payment], bool] | None,
) -> None:
    payment = make_order().payment
    if first:
        first(payment)

    assert transitions.capture(payment, payment.amount_minor, "ch_9") is True

    assert (payment.status, payment.charge_id) == ("captured", "ch_9")
    assert payment.captured_minor == payment.amount_minor
    assert payment.captured_at is not None


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_charge_of_another_amount_is_recorded_as_it_is(difference: int) -> None:
    payment = make_order().payment
    charged = payment.amount_minor + difference

    transitions.capture(payment, charged, "ch_1")

    payment.refresh_from_db()
    assert (payment.status, payment.captured_minor) == ("captured", charged)
    event = payment.order.events.get(name="payment_captured")
    assert event.data == {"amount": charged}


def test_the_database_refuses_a_charge_of_nothing() -> None:
    payment = make_order().payment

    with pytest.raises(IntegrityError), transaction.atomic():
        transitions.capture(payment, 0, "ch_1")

    payment.refresh_from_db()
    assert (payment.status, payment.captured_minor) == ("pending", 0)
    assert events(payment.order) == []


def test_the_database_refuses_a_charged_amount_on_an_uncharged_payment() -> None:
    payment = make_order().payment

    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(captured_minor=1)

    payment.refresh_from_db()
    assert payment.captured_minor == 0


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (capture, authorize),
        (capture, transitions.cancel_payment),
        (transitions.cancel_payment, authorize),
        (transitions.cancel_payment, capture),
    ],
)
def test_a_payment_that_ended_moves_no_more(
    first: Callable[[Payment], bool], then: Callable[[Payment], bool]
) -> None:
    payment = make_order().payment
    first(payment)
    status, told = payment.status, events(payment.order)

    with pytest.raises(IllegalMove) as refusal, transaction.atomic():
        then(payment)

    assert (refusal.value.row, bool(refusal.value.to)) == (payment, True)

    payment.refresh_from_db()
    assert (payment.status, events(payment.order)) == (status, told)


def test_cancelling_a_payment_abandons_the_open_attempt() -> None:
    payment = make_order().payment

    transitions.cancel_payment(payment)

    assert payment.attempts.get().outcome == Outcome.ABANDONED


def test_a_payment_keeps_its_first_intent_for_good() -> None:
    payment = make_order().payment
    transitions.record_intent(payment, "pi_1")
    transitions.record_intent(payment, "pi_1")

    with pytest.raises(IllegalMove) as refusal, transaction.atomic():
        transitions.record_intent(payment, "pi_2")

    assert (refusal.value.row, refusal.value.to) == (payment, "intent pi_2")

    assert payment.intent_id == "pi_1"
    payment.refresh_from_db()
    assert payment.intent_id == "pi_1"


def test_two_payments_never_share_an_intent() -> None:
    transitions.record_intent(make_order().payment, "pi_1")
    other = make_order().payment

    with pytest.raises(IntegrityError), transaction.atomic():
        transitions.record_intent(other, "pi_1")

    other.refresh_from_db()
    assert other.intent_id is None


def test_only_one_card_is_tried_at_a_time() -> None:
    payment = make_order().payment

    with pytest.raises(IllegalMove), transaction.atomic():
        transitions.open_attempt(payment, "pm_other")

    assert list(payment.attempts.values_list("number", "token")) == [
        (1, "pm_card_visa")
    ]


def test_a_challenged_card_still_counts_as_being_tried() -> None:
    payment = make_order().payment
    transitions.challenge_attempt(payment.attempts.get())

    with pytest.raises(IllegalMove), transaction.atomic():
        transitions.open_attempt(payment, "pm_other")

    assert payment.attempts.get().outcome == Outcome.CHALLENGE


def test_after_a_decline_the_next_card_gets_the_next_number() -> None:
    payment = make_order().payment
    assert transitions.decline_attempt(payment.attempts.get(), "lost_card") is True

    attempt = transitions.open_attempt(payment, "pm_other")

    assert (attempt.number, attempt.outcome) == (2, "open")
    event = OrderEvent.objects.get()
    assert (event.name, event.key) == ("payment_declined", "1")
    assert event.data == {"code": "lost_card"}


def test_a_decline_is_recorded_once_and_every_card_has_its_own() -> None:
    payment = make_order().payment
    first = payment.attempts.get()
    transitions.decline_attempt(first, "lost_card")
    assert transitions.decline_attempt(first, "expired_card") is False
    transitions.decline_attempt(transitions.open_attempt(payment, "pm_2"), "lost_card")

    first.refresh_from_db()
    assert first.decline_code == "lost_card"
    keys = payment.order.events.values_list("name", "key")
    assert list(keys) == [("payment_declined", "1"), ("payment_declined", "2")]


def test_a_challenge_does_not_reopen_a_declined_attempt() -> None:
    payment = make_order().payment
    attempt = payment.attempts.get()
    transitions.decline_attempt(attempt, "lost_card")

    transitions.challenge_attempt(attempt)

    attempt.refresh_from_db()
    assert attempt.outcome == Outcome.DECLINED


def test_an_event_is_written_once_per_key() -> None:
    order = make_order()
    name = OrderEvent.Name.PAYMENT_DECLINED

    transitions.record_event(order.pk, name, "1", code="a")
    transitions.record_event(order.pk, name, "1", code="b")
    transitions.record_event(order.pk, name, "2", code="c")

    assert [event.data for event in order.events.all()] == [
        {"code": "a"},
        {"code": "c"},
    ]


@pytest.mark.parametrize(
    "changes",
    [{"total_minor": 1}, {"status": "lost"}, {"number": "T-TAKEN"}],
    ids=["total does not add up", "unknown status", "number taken"],
)
def test_the_database_refuses_a_senseless_order(changes: dict[str, object]) -> None:
    order = make_order()
    Order.objects.filter(pk=make_order().pk).update(number="T-TAKEN")

    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**changes)

    order.refresh_from_db()
    assert (order.status, order.total_minor) == ("pending", 2400)
