"""Cards, banks, a provider that fails: the customer is charged once or not at all."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from checkout.errors import CardNotNeeded
from checkout.models import Cart
from checkout.payments import gateway as provider
from checkout.payments.fake import CHALLENGED, FakeGateway
from checkout.payments.gateway import IntentStatus
from checkout.saga.engine import run
from checkout.saga.models import Saga, State
from checkout.saga.operations import resume
from checkout.saga.sweeper import sweep
from checkout.services import challenge_secret, customer_returned, try_another_card
from orders.models import Order, Payment, PaymentAttempt
from tests.checkout.conftest import Clock
from tests.checkout.ordering import charges, counters, go, place
from tests.factories import VISA
from tests.invariants import assert_invariants
from tests.saga.lab import Killed

pytestmark = pytest.mark.django_db

DECLINED = "pm_card_visa_chargeDeclinedInsufficientFunds"
UNKNOWN = provider.OutcomeUnknownError("no answer")


def test_a_declined_card_keeps_order_and_goods_and_asks_for_another(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=DECLINED)

    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "card")
    assert saga.due_at == timezone.now() + timedelta(minutes=30)
    assert order.status == Order.Status.PENDING
    assert counters() == (10, 1)
    attempt = PaymentAttempt.objects.get()
    assert (attempt.outcome, attempt.decline_code) == ("declined", "insufficient_funds")
    assert_invariants([])


def test_after_a_decline_another_card_pays_the_order(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=DECLINED)
    run(saga.pk)

    try_another_card(order, VISA)
    run(saga.pk)

    assert Saga.objects.trunks().get().state == State.DONE
    assert [
        key.rsplit(":", 2)[-2:] for name, key in gateway.calls if name == "confirm"
    ] == [
        ["confirm", "1"],
        ["confirm", "2"],
    ]
    assert len(gateway.intents) == 1
    assert_invariants(charges(gateway), ended=True)


def test_a_card_sent_while_the_saga_looks_again_is_tried_after_that_look(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=DECLINED)
    run(saga.pk)
    gateway.meanwhile("retrieve", lambda: try_another_card(order, VISA))

    customer_returned(order)
    run(saga.pk)

    outcomes = PaymentAttempt.objects.values_list("number", "outcome")
    assert list(outcomes) == [(1, "declined"), (2, "accepted")]
    assert Saga.objects.trunks().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


def test_a_second_decline_asks_once_more(gateway: FakeGateway, clock: Clock) -> None:
    order, saga = place(token=DECLINED)
    run(saga.pk)
    try_another_card(order, "pm_card_visa_chargeDeclinedLostCard")
    run(saga.pk)

    codes = PaymentAttempt.objects.values_list("number", "outcome", "decline_code")
    assert list(codes) == [
        (1, "declined", "insufficient_funds"),
        (2, "declined", "lost_card"),
    ]
    assert Saga.objects.trunks().get().waiting_for == "card"


def test_a_card_is_refused_while_none_is_asked_for(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()

    with pytest.raises(CardNotNeeded) as refusal:
        try_another_card(order, VISA)
    run(saga.pk)
    with pytest.raises(CardNotNeeded):
        try_another_card(order, VISA)

    assert refusal.value.order == order
    assert PaymentAttempt.objects.count() == 1


def test_two_tabs_with_two_cards_try_one(gateway: FakeGateway, clock: Clock) -> None:
    order, saga = place(token=DECLINED)
    run(saga.pk)
    try_another_card(order, VISA)

    with pytest.raises(CardNotNeeded):
        try_another_card(order, "pm_card_mastercard")

    assert PaymentAttempt.objects.count() == 2


def test_without_another_card_in_time_the_order_ends_uncharged(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=DECLINED)
    run(saga.pk)

    clock.shift(30 * 60)
    sweep()
    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, order.cancel_reason) == (State.COMPENSATED, "not_paid")
    assert gateway.intents["pi_1"].status is IntentStatus.CANCELED
    assert order.payment.status == Payment.Status.CANCELLED
    assert counters() == (10, 0)
    assert Cart.objects.get().state == Cart.State.OPEN
    assert_invariants(charges(gateway), ended=True)


def test_goods_go_back_only_after_the_intent_is_cancelled(
    gateway: FakeGateway, clock: Clock
) -> None:
    seen = []
    gateway.meanwhile("cancel", lambda: seen.append(counters()))
    _order, saga = place(token=DECLINED)
    run(saga.pk)

    clock.shift(30 * 60)
    sweep()
    run(saga.pk)

    assert seen == [(10, 1)]
    assert counters() == (10, 0)


def test_a_token_that_was_used_up_asks_for_the_card_again(
    gateway: FakeGateway, clock: Clock
) -> None:
    _first, one = place(token="ctoken_1", units={"MUG-01": 1})
    run(one.pk)
    order, saga = place(token="ctoken_1", units={"CAP-01": 1})

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "card")
    assert order.payment.attempts.get().outcome == "declined"


def test_a_challenge_waits_for_the_customer(gateway: FakeGateway, clock: Clock) -> None:
    order, saga = place(token=CHALLENGED)

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "challenge")
    assert PaymentAttempt.objects.get().outcome == "challenge"
    assert challenge_secret(order) == "pi_1_secret"


def test_no_challenge_is_shown_when_there_is_none_or_nobody_answers(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    assert challenge_secret(order) is None
    run(saga.pk)
    gateway.fail("retrieve", UNKNOWN)

    assert challenge_secret(order) is None


def test_a_challenge_that_was_passed_completes_the_order_on_return(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)

    gateway.answer_challenge("pi_1")
    customer_returned(order)
    run(saga.pk)

    assert Saga.objects.trunks().get().state == State.DONE
    assert gateway.count("confirm") == 1
    assert_invariants(charges(gateway), ended=True)


def test_a_return_without_an_answer_waits_on(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)

    for _time in range(3):
        customer_returned(order)
        run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "challenge")
    assert gateway.count("confirm") == 1


def test_a_challenge_that_failed_asks_for_another_card(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)

    gateway.answer_challenge("pi_1", accepted=False)
    customer_returned(order)
    run(saga.pk)

    saga.refresh_from_db()
    assert saga.waiting_for == "card"
    attempt = PaymentAttempt.objects.get()
    assert attempt.decline_code == "payment_intent_authentication_failure"


def test_a_challenge_passed_just_before_the_deadline_is_found_without_any_call(
    gateway: FakeGateway, clock: Clock
) -> None:
    _order, saga = place(token=CHALLENGED)
    run(saga.pk)

    gateway.answer_challenge("pi_1")
    clock.shift(30 * 60)
    sweep()
    run(saga.pk)

    assert Saga.objects.trunks().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


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

    go(saga, clock)

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
    go(saga, clock)

    assert saga.state == State.DONE
    assert len(gateway.intents) == 1
    assert_invariants(charges(gateway), ended=True)


@pytest.mark.parametrize("kept", [False, True], ids=["cut", "500 kept"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_cancellation_without_an_answer_charges_nothing(
    gateway: FakeGateway, clock: Clock, after: bool, kept: bool
) -> None:
    gateway.fail("cancel", UNKNOWN, after=after, kept=kept)
    _order, saga = place(token=DECLINED)
    run(saga.pk)
    clock.shift(30 * 60)

    go(saga, clock)

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

    go(saga, clock)

    assert (saga.state, saga.reason) == (State.COMPENSATED, "technical")
    assert_invariants(charges(gateway), ended=True)


def test_a_charge_whose_answer_never_comes_is_a_persons_matter(
    gateway: FakeGateway, clock: Clock
) -> None:
    gateway.fail("capture", UNKNOWN, after=True)
    for _time in range(4):
        gateway.fail("retrieve", UNKNOWN)
    _order, saga = place()

    go(saga, clock)

    assert (saga.state, saga.step) == (State.FAILED, "capture_payment")
    assert (saga.error_kind, saga.alerted_at is not None) == ("unknown", True)
    assert counters() == (10, 1)
    assert_invariants(charges(gateway))

    resume(saga, "ken", "the provider is back")
    run(saga.pk)

    assert Saga.objects.trunks().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


def test_patience_is_no_refusal(gateway: FakeGateway, clock: Clock) -> None:
    gateway.fail("confirm", provider.NotNow("429"))
    _order, saga = place()

    go(saga, clock)

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

    customer_returned(order)
    run(saga.pk)

    assert Saga.objects.trunks().get().state == State.COMPENSATED
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
    assert saga.error == f"1 was charged instead of {order.total_minor}"
    assert saga.pivot_at is not None
    assert Payment.objects.get().status == Payment.Status.AUTHORIZED


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

    for _look in range(12):
        run(saga.pk)
        saga.refresh_from_db()
        assert saga.state == State.RUNNING
        clock.shift(20)
        sweep()
    assert saga.error == "check STRIPE_SECRET_KEY"
    assert Saga.objects.trunks().get().alerted_at is not None
    assert counters() == (10, 1)

    go(saga, clock)
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

    go(saga, clock)

    assert (saga.state, saga.direction) == (State.FAILED, "undo")
    assert saga.alerted_at is not None
    assert counters() == (10, 1)
    resume(saga, "ken", "the provider is back")
    run(saga.pk)
    assert Saga.objects.trunks().get().state == State.COMPENSATED
    assert_invariants(charges(gateway), ended=True)
