"""3-D Secure: answered, failed, left open, or another card instead."""

import pytest

from checkout.mail.models import OrderMail
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import CHALLENGED, FakeGateway
from checkout.payments.gateway import IntentStatus
from checkout.status.progress import progress_of
from checkout.tracking.errors import CardNotNeeded
from checkout.tracking.services import (
    challenge_secret,
    read_after_return,
    try_another_card,
)
from inventory.services import release, reserve
from orders.models import PaymentAttempt
from saga.engine import run
from saga.models import Saga, State
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import advance, charges, counters, place
from tests.support.orders import VISA

pytestmark = pytest.mark.django_db

UNKNOWN = provider.OutcomeUnknownError("no answer")


def outcomes() -> list[str]:
    rows = PaymentAttempt.objects.order_by("number")
    return list(rows.values_list("outcome", flat=True))


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
    read_after_return(order)
    run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.DONE
    assert gateway.count("confirm") == 1
    assert_invariants(charges(gateway), ended=True)


def test_a_return_without_an_answer_waits_on(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)

    for _time in range(3):
        read_after_return(order)
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
    read_after_return(order)
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

    assert Saga.objects.main_paths().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


def test_instead_of_answering_the_bank_another_card_can_be_used(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)

    try_another_card(order, VISA)
    run(saga.pk)

    assert outcomes() == ["abandoned", "accepted"]
    assert Saga.objects.main_paths().get().state == State.DONE
    assert len(gateway.intents) == 1
    assert_invariants(charges(gateway), ended=True)


def test_the_other_card_may_be_asked_about_as_well(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)
    try_another_card(order, CHALLENGED)
    run(saga.pk)
    assert outcomes() == ["abandoned", "challenge"]

    gateway.answer_challenge("pi_1")
    read_after_return(order)
    run(saga.pk)

    assert outcomes() == ["abandoned", "accepted"]
    assert Saga.objects.main_paths().get().state == State.DONE


def test_a_question_that_is_answered_while_the_other_card_is_sent_charges_once(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)

    gateway.answer_challenge("pi_1")
    try_another_card(order, VISA)
    run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.DONE
    assert gateway.count("confirm") == 1
    assert_invariants(charges(gateway), ended=True)


@pytest.mark.parametrize("after", [False, True])
def test_the_other_card_s_answer_may_get_lost(
    gateway: FakeGateway, clock: Clock, after: bool
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)
    try_another_card(order, VISA)
    gateway.fail("confirm", UNKNOWN, after=after)

    advance(saga, clock, sweeps=3)

    assert Saga.objects.main_paths().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


def test_a_wait_for_the_bank_keeps_no_worker_busy_and_lasts_until_the_deadline(
    gateway: FakeGateway, clock: Clock
) -> None:
    _order, saga = place(token=CHALLENGED)
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.state, saga.claimed_by) == (State.WAITING, "")
    calls = len(gateway.calls)

    for _round in range(10):
        clock.shift(60)
        sweep()
        run(saga.pk)
    assert len(gateway.calls) == calls, "nobody asks while nothing is heard"
    clock.shift(20 * 60)
    sweep()
    run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.COMPENSATED
    assert gateway.intents["pi_1"].status is IntentStatus.CANCELED
    assert counters() == (10, 0)


def test_an_answer_to_the_bank_after_the_goods_were_lost_moves_no_money(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)
    release(order.number)
    reserve("SOMEBODY", {"MUG-01": 10}, None)

    gateway.answer_challenge("pi_1")
    read_after_return(order)
    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, order.cancel_reason) == (State.COMPENSATED, "out_of_stock")
    assert gateway.intents["pi_1"].status is IntentStatus.CANCELED
    assert gateway.count("capture") == 0
    assert progress_of(order).outcome == "cancelled"
    assert OrderMail.objects.get(kind="cancelled").order == order
    assert_invariants(charges(gateway), ended=True)


def test_an_answer_to_the_bank_after_the_order_was_undone_changes_nothing(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)
    clock.shift(30 * 60)
    sweep()
    run(saga.pk)

    for _time in range(2):
        read_after_return(order)
        run(saga.pk)

    assert Saga.objects.get().state == State.COMPENSATED
    assert charges(gateway) == []
    with pytest.raises(CardNotNeeded):
        try_another_card(order, VISA)


def test_a_token_is_forgotten_once_it_was_used(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)
    assert PaymentAttempt.objects.get().token == ""
    try_another_card(order, VISA)
    run(saga.pk)

    assert not PaymentAttempt.objects.exclude(token="").exists()
