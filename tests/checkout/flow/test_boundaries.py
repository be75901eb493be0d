"""The exact time, try and amount at which a step decides otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.flow import authorize_payment, capture_payment, fulfil_order
from checkout.flow.customer_wait import wait_for_customer
from checkout.flow.deadlines import check_time_left
from checkout.flow.delayed_payment import (
    approval_end,
    wait_for_shipment,
    wait_for_store,
)
from checkout.flow.errors import OtherAmount
from checkout.flow.holds import hold_deadline, keep_for_next_card
from checkout.flow.idempotency_keys import calls_of, key_of
from checkout.flow.payment_proofs import check_amount
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import CHALLENGED, FakeGateway
from checkout.payments.gateway import Intent, IntentStatus, VoucherDetails
from inventory.models import Hold
from orders import transitions
from orders.models import Order, Payment
from saga.claims import claim
from saga.engine import run
from saga.errors import Abort, Unproven
from saga.step import Context, Step
from tests.conftest import Clock
from tests.support.ordering import advance, charges, place

pytestmark = pytest.mark.django_db

INSTANT = timedelta(microseconds=1)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def reserved(step: Step = authorize_payment.STEP) -> tuple[Payment, Context]:
    """Return an order's payment, and its saga with the goods set aside and claimed."""
    order, saga = place()
    run(saga.pk, link="checkout.reserve_stock")
    saga.refresh_from_db()
    claimed = claim(saga, timedelta(minutes=1))
    assert claimed is not None
    return order.payment, Context(claimed, step)


def challenged(payment: Payment) -> Intent:
    intent = Intent("pi_1", IntentStatus.NEEDS_CUSTOMER, 2400, 0, "JPY", "secret")
    transitions.record_intent(payment, intent.id)
    return intent


@contextmanager
def at(clock: Clock, moment: datetime) -> Iterator[None]:
    before = timezone.now()
    clock.move_to(moment)
    yield
    clock.move_to(before)


def test_the_time_to_pay_ends_at_the_deadline_itself(
    gateway: FakeGateway, clock: Clock
) -> None:
    _payment, context = reserved()
    deadline = hold_deadline(context)

    with at(clock, deadline - INSTANT):
        check_time_left(context)
    with at(clock, deadline), pytest.raises(Abort) as refusal:
        check_time_left(context)

    assert refusal.value.reason == Order.CancelReason.NOT_PAID
    assert refusal.value.nothing_taken is False


def test_a_customer_is_waited_for_until_the_deadline_and_not_longer(
    gateway: FakeGateway, clock: Clock
) -> None:
    payment, context = reserved()
    intent, deadline = challenged(payment), hold_deadline(context)

    with at(clock, deadline - INSTANT):
        wait = wait_for_customer(context, payment, intent, 1)
    with at(clock, deadline), pytest.raises(Abort) as refusal:
        wait_for_customer(context, payment, intent, 1)

    assert (wait.until, wait.reason, wait.alert) == (deadline, "challenge", "")
    assert refusal.value.reason == Order.CancelReason.NOT_PAID


@pytest.mark.parametrize(
    ("is_approved", "reason"),
    [(False, Order.CancelReason.NOT_PAID), (True, Order.CancelReason.LAPSED)],
)
def test_what_was_voided_at_the_provider_says_whether_it_had_been_approved(
    gateway: FakeGateway, clock: Clock, is_approved: bool, reason: str
) -> None:
    payment, context = reserved()
    intent = replace(challenged(payment), status=IntentStatus.CANCELED)
    if is_approved:
        transitions.authorize(
            payment, charge_id="ch", brand="visa", last4="1", capture_before=None
        )

    with pytest.raises(Abort) as refusal:
        wait_for_customer(context, payment, intent, 1)

    assert refusal.value.reason == reason


def approved(payment: Payment, until: datetime | None) -> None:
    Payment.objects.update(capture=Payment.Capture.SHIPMENT)
    payment.refresh_from_db()
    transitions.authorize(
        payment, charge_id="ch", brand="visa", last4="1", capture_before=until
    )
    payment.refresh_from_db()


def test_staff_are_warned_of_an_approval_from_the_hour_on_that_was_set(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    settings.CAPTURE_WARNING_HOURS = 24.0
    payment, context = reserved()
    ends = timezone.now() + timedelta(days=7)
    approved(payment, ends)
    warning = ends - 24 * HOUR

    with at(clock, warning - INSTANT):
        early = wait_for_shipment(context, payment)
    with at(clock, warning):
        late = wait_for_shipment(context, payment)
    with at(clock, ends - INSTANT):
        last = wait_for_shipment(context, payment)
    with at(clock, ends), pytest.raises(Abort) as refusal:
        wait_for_shipment(context, payment)

    assert (early.until, early.alert) == (warning, "")
    assert (late.until, last.until) == (ends, ends)
    assert "not released yet" in late.alert
    assert refusal.value.reason == Order.CancelReason.LAPSED


def test_an_approval_without_an_end_lasts_a_week(
    gateway: FakeGateway, clock: Clock
) -> None:
    payment, _context = reserved()
    begin = timezone.now()
    approved(payment, None)

    with at(clock, begin + HOUR):
        assert approval_end(payment) == begin + timedelta(days=7)


@pytest.mark.parametrize(
    ("left", "next_look"),
    [(timedelta(days=3), 3 * HOUR), (HOUR, HOUR + 10 * MINUTE)],
    ids=["days", "the last hour"],
)
def test_a_voucher_is_asked_about_every_few_hours_and_at_its_end(
    gateway: FakeGateway, clock: Clock, left: timedelta, next_look: timedelta
) -> None:
    payment, context = reserved()
    details = VoucherDetails(timezone.now() + left, "https://example.com", ())

    wait = wait_for_store(context, payment.attempts.get(), details)

    assert wait.until == timezone.now() + next_look
    # A payment in the last minute still finds its goods.
    assert Hold.objects.get().expires_at == timezone.now() + left + 15 * MINUTE


@pytest.mark.parametrize(
    ("before_the_deadline", "kept"),
    [(20 * MINUTE, 5 * MINUTE), (-MINUTE, 5 * MINUTE), (-3 * MINUTE, 2 * MINUTE)],
    ids=["early", "within the margin", "late"],
)
def test_goods_for_the_next_card_are_kept_some_minutes_and_no_longer_than_the_hold(
    gateway: FakeGateway,
    clock: Clock,
    settings: Settings,
    before_the_deadline: timedelta,
    kept: timedelta,
) -> None:
    settings.DECLINED_HOLD_MINUTES = 5.0
    payment, context = reserved()
    deadline = hold_deadline(context)

    with at(clock, deadline - before_the_deadline):
        keep_for_next_card(context, payment.attempts.get())
        ends = timezone.now() + kept

    # Hold and margin end five minutes after the deadline.
    assert Hold.objects.get().expires_at == min(ends, deadline + 5 * MINUTE)


@pytest.mark.parametrize(
    ("tries", "key"),
    [
        (1, "order:u-1:capture"),
        (2, "order:u-1:capture"),
        (3, "order:u-1:capture:9"),
        (4, "order:u-1:capture:9"),
    ],
)
def test_two_tries_share_a_key_and_each_one_after_that_has_its_own(
    tries: int, key: str
) -> None:
    assert key_of("u-1", "capture", tries, 9) == key


@pytest.mark.parametrize(
    ("step", "direction", "calls"),
    [
        ("authorize_payment", "do", ["create", "confirm:1", "confirm:2"]),
        ("authorize_payment", "undo", ["cancel"]),
        ("capture_payment", "do", ["capture"]),
        ("capture_payment", "undo", []),
        ("fulfil_order", "do", []),
        ("fulfil_order", "undo", []),
    ],
)
def test_the_calls_that_a_step_makes_under_a_key(
    step: str, direction: str, calls: list[str]
) -> None:
    assert calls_of(step, direction, [1, 2]) == calls


def test_the_calls_about_a_payment_page() -> None:
    assert calls_of("authorize_payment", "do", [1], on_page=True) == ["page"]
    undo = calls_of("authorize_payment", "undo", [1], on_page=True)
    assert undo == ["close_page", "cancel"]


def test_a_creation_that_got_lost_never_takes_another_orders_intent(
    gateway: FakeGateway, clock: Clock
) -> None:
    gateway.fail("create", provider.OutcomeUnknownError("no answer"))
    order, saga = place()
    run(saga.pk)
    other, others_saga = place(token=CHALLENGED)
    run(others_saga.pk)
    assert [intent.order for intent in gateway.intents.values()] == [str(other.uid)]

    advance(saga, clock)

    assert charges(gateway) == [(str(order.uid), order.total_minor)]
    intents = dict(Payment.objects.values_list("order", "intent_id"))
    assert intents == {order.pk: "pi_2", other.pk: "pi_1"}


def charged(payment: Payment, received: int, refunded: int) -> Intent:
    transitions.record_intent(payment, "pi_1")
    return Intent(
        "pi_1",
        IntentStatus.SUCCEEDED,
        2400,
        received,
        "JPY",
        "secret",
        charge_id="ch_1",
        refunded=refunded,
    )


@pytest.mark.parametrize(
    ("received", "refunded", "stops"),
    [
        (2400, 0, False),
        (2399, 0, True),
        (2401, 0, True),
        (2399, 2398, True),
        (2399, 2399, False),
    ],
)
def test_another_amount_than_the_orders_stops_while_any_of_it_is_left(
    gateway: FakeGateway, clock: Clock, received: int, refunded: int, stops: bool
) -> None:
    payment, context = reserved(capture_payment.STEP)
    intent = charged(payment, received, refunded)

    told = f"¥{received:,} was charged instead of ¥2,400"
    with pytest.raises(OtherAmount, match=told) if stops else nullcontext():
        capture_payment._stop_at_other_amount(context, payment, intent)

    payment.refresh_from_db()
    # What was charged is recorded before staff are asked, and only then by this.
    assert payment.captured_minor == (received if received != 2400 else 0)
    assert (payment.poll_at is not None) == (refunded > 0)


@pytest.mark.parametrize(
    ("amount", "currency", "is_right"),
    [
        (2400, "JPY", True),
        (2400, "jpy", True),
        (2399, "JPY", False),
        (2401, "JPY", False),
        (2400, "USD", False),
    ],
)
def test_a_proof_needs_exactly_what_the_order_costs(
    gateway: FakeGateway, clock: Clock, amount: int, currency: str, is_right: bool
) -> None:
    payment, _context = reserved()

    told = f"{amount} {currency} is set aside, not 2400 JPY"
    with nullcontext() if is_right else pytest.raises(Unproven, match=told):
        check_amount(payment, amount, currency, "is set aside")


def test_the_proof_of_the_goods_counts_those_of_its_own_order_only(
    gateway: FakeGateway, clock: Clock
) -> None:
    (order, saga), (other, others_saga) = (place(units={"MUG-01": 2}) for _n in "ab")
    run(others_saga.pk)
    run(saga.pk, link="checkout.reserve_stock")
    saga.refresh_from_db()
    context = Context(saga, fulfil_order.STEP)

    with pytest.raises(Unproven, match="the ledger says that nothing left"):
        fulfil_order.prove(context)

    run(saga.pk)
    assert fulfil_order.prove(context) == 2
    assert order.number != other.number
