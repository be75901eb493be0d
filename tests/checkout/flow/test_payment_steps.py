"""A provider that fails: the customer is charged once or not at all."""

from collections.abc import Callable

import pytest

from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import CHALLENGED, FakeGateway
from checkout.payments.gateway import IntentStatus
from checkout.tracking.services import read_after_return
from orders.models import Payment
from saga import operations
from saga.engine import run
from saga.models import Saga, State
from saga.operations import resume
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Killed
from tests.support.invariants import assert_invariants
from tests.support.ordering import advance, charges, counters, place

pytestmark = pytest.mark.django_db

DECLINED = "pm_card_visa_chargeDeclinedInsufficientFunds"
UNKNOWN = provider.OutcomeUnknownError("no answer")


@pytest.mark.parametrize("kept", [False, True], ids=["cut", "500 kept"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ["create", "confirm", "capture", "retrieve"])
def test_a_call_without_an_answer_charges_once(
    gateway: FakeGateway, clock: Clock, call: str, after: bool, kept: bool
) -> None:
    if call == "retrieve":
        gateway.fail("confirm", UNKNOWN)
    gateway.fail(call, UNKNOWN, after=after, kept=kept)
    _order, saga = place()

    advance(saga, clock)

    assert saga.state == State.DONE
    assert counters() == (9, 0)
    assert len(charges(gateway)) == 1
    assert_invariants(charges(gateway), ended=True)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ["create", "confirm", "capture"])
def test_a_worker_that_dies_at_a_call_charges_once(
    gateway: FakeGateway, clock: Clock, call: str, after: bool
) -> None:
    gateway.fail(call, Killed(), after=after)
    _order, saga = place()

    with pytest.raises(Killed):
        run(saga.pk)
    advance(saga, clock)

    assert saga.state == State.DONE
    assert len(gateway.intents) == 1
    assert_invariants(charges(gateway), ended=True)


@pytest.mark.parametrize("kept", [False, True], ids=["cut", "500 kept"])
def test_a_second_try_to_cancel_reads_the_intent_before_all_else(
    gateway: FakeGateway, clock: Clock, kept: bool
) -> None:
    gateway.fail("cancel", UNKNOWN, after=True, kept=kept)
    _order, saga = place(token=DECLINED)
    run(saga.pk)
    operations.cancel(saga, "yuki", "the customer called")
    before = len(gateway.calls)

    advance(saga, clock)

    made = [name for name, _key in gateway.calls[before:]]
    assert made == ["cancel", "retrieve"]
    assert saga.state == State.COMPENSATED
    assert_invariants([])


@pytest.mark.parametrize("kept", [False, True], ids=["cut", "500 kept"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_cancellation_without_an_answer_charges_nothing(
    gateway: FakeGateway, clock: Clock, after: bool, kept: bool
) -> None:
    gateway.fail("cancel", UNKNOWN, after=after, kept=kept)
    _order, saga = place(token=DECLINED)
    run(saga.pk)
    clock.shift(30 * 60)

    advance(saga, clock)

    assert saga.state == State.COMPENSATED
    assert gateway.intents["pi_1"].status is IntentStatus.CANCELED
    assert counters() == (10, 0)
    assert_invariants(charges(gateway), ended=True)


@pytest.mark.parametrize("call", ["create", "confirm"])
def test_a_provider_that_never_answers_before_the_charge_ends_the_order(
    gateway: FakeGateway, clock: Clock, call: str
) -> None:
    for _time in range(5):
        gateway.fail(call, UNKNOWN)
    _order, saga = place()

    advance(saga, clock)

    assert (saga.state, saga.reason) == (State.COMPENSATED, "technical")
    assert_invariants(charges(gateway), ended=True)


def test_a_charge_whose_answer_never_comes_is_a_persons_matter(
    gateway: FakeGateway, clock: Clock
) -> None:
    gateway.fail("capture", UNKNOWN, after=True)
    for _time in range(4):
        gateway.fail("retrieve", UNKNOWN)
    _order, saga = place()

    advance(saga, clock)

    assert (saga.state, saga.step) == (State.FAILED, "capture_payment")
    assert (saga.error_kind, saga.alerted_at is not None) == ("unknown", True)
    assert counters() == (10, 1)
    assert_invariants(charges(gateway))

    resume(saga, "ken", "the provider is back")
    run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


def test_patience_is_no_refusal(gateway: FakeGateway, clock: Clock) -> None:
    gateway.fail("confirm", provider.NotNow("429"))
    _order, saga = place()

    advance(saga, clock)

    assert saga.state == State.DONE
    assert_invariants(charges(gateway), ended=True)


def test_an_authorisation_that_lapsed_before_the_capture_is_undone(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()
    gateway.meanwhile("capture", lambda: gateway.lapse("pi_1"), after=False)

    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, saga.pivot_at) == (State.COMPENSATED, None)
    assert (order.status, order.cancel_reason) == ("cancelled", "not_paid")
    assert counters() == (10, 0)
    assert_invariants(charges(gateway), ended=True)


def charged_by_hand(gateway: FakeGateway) -> Callable[[], None]:
    def act() -> None:
        gateway.answer_challenge("pi_1")
        gateway.capture_elsewhere("pi_1")

    return act


def test_an_undo_that_finds_the_charge_made_goes_forward(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)
    gateway.meanwhile("cancel", charged_by_hand(gateway), after=False)

    clock.shift(30 * 60)
    sweep()
    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, order.status) == (State.DONE, "confirmed")
    assert counters() == (9, 0)
    assert_invariants(charges(gateway), ended=True)


def test_an_intent_voided_at_the_provider_ends_the_order(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)
    gateway.lapse("pi_1")

    read_after_return(order)
    run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.COMPENSATED
    assert_invariants(charges(gateway), ended=True)


def test_a_charge_of_another_amount_is_a_persons_matter(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()
    gateway.meanwhile(
        "capture", lambda: gateway.capture_elsewhere("pi_1", 1), after=False
    )

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.step) == (State.FAILED, "capture_payment")
    assert saga.error == "¥1 was charged instead of ¥2,400"
    assert saga.pivot_at is not None
    payment = Payment.objects.get()
    assert (payment.status, payment.captured_minor) == ("captured", 1)
    assert order.total_minor == 2400


def test_a_request_that_the_provider_calls_wrong_is_a_persons_matter(
    gateway: FakeGateway, clock: Clock
) -> None:
    gateway.fail("create", provider.Refused("parameter unknown"))
    _order, saga = place()

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.error_kind) == (State.FAILED, "person")
    assert gateway.count("create") == 1
    assert_invariants([])


@pytest.mark.parametrize("call", ["create", "confirm", "capture"])
def test_with_a_wrong_key_orders_wait_and_none_fails(
    gateway: FakeGateway, clock: Clock, call: str
) -> None:
    for _time in range(12):
        gateway.fail(call, provider.Misconfigured("check STRIPE_SECRET_KEY"))
    _order, saga = place()

    for _round in range(12):
        run(saga.pk)
        saga.refresh_from_db()
        assert saga.state == State.RUNNING
        clock.shift(20)
        sweep()
    assert saga.error == "check STRIPE_SECRET_KEY"
    assert Saga.objects.main_paths().get().alerted_at is not None
    assert counters() == (10, 1)

    advance(saga, clock)
    assert saga.state == State.DONE
    assert_invariants(charges(gateway), ended=True)


def test_an_undo_that_never_gets_an_answer_keeps_the_goods_and_calls_staff(
    gateway: FakeGateway, clock: Clock
) -> None:
    _order, saga = place(token=DECLINED)
    run(saga.pk)
    for _time in range(5):
        gateway.fail("cancel", UNKNOWN)
    clock.shift(30 * 60)

    advance(saga, clock)

    assert (saga.state, saga.direction) == (State.FAILED, "undo")
    assert saga.alerted_at is not None
    assert counters() == (10, 1)
    resume(saga, "ken", "the provider is back")
    run(saga.pk)
    assert Saga.objects.main_paths().get().state == State.COMPENSATED
    assert_invariants(charges(gateway), ended=True)
