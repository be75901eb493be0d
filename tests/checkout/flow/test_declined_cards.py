"""Declined cards: the customer sends another one, until the time is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from checkout.cart.models import Cart
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import IntentStatus
from checkout.tracking.errors import CardNotNeeded
from checkout.tracking.services import read_after_return, try_another_card
from orders.models import Order, Payment, PaymentAttempt
from saga.engine import run
from saga.models import Saga, State
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import charges, counters, place
from tests.support.orders import VISA

pytestmark = pytest.mark.django_db

DECLINED = "pm_card_visa_chargeDeclinedInsufficientFunds"


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

    assert Saga.objects.main_paths().get().state == State.DONE
    assert [
        key.rsplit(":", 2)[-2:] for name, key in gateway.calls if name == "confirm"
    ] == [
        ["confirm", "1"],
        ["confirm", "2"],
    ]
    assert len(gateway.intents) == 1
    assert_invariants(charges(gateway), ended=True)


def test_a_card_sent_while_the_intent_is_read_again_is_tried_after_that(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=DECLINED)
    run(saga.pk)
    gateway.meanwhile("retrieve", lambda: try_another_card(order, VISA))

    read_after_return(order)
    run(saga.pk)

    outcomes = PaymentAttempt.objects.values_list("number", "outcome")
    assert list(outcomes) == [(1, "declined"), (2, "accepted")]
    assert Saga.objects.main_paths().get().state == State.DONE
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
    assert Saga.objects.main_paths().get().waiting_for == "card"


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
