"""Cash at a convenience store: after days of waiting one charge, or none at all."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import VOUCHER, FakeGateway
from checkout.payments.gateway import IntentStatus
from checkout.tracking.services import read_after_return
from inventory.models import Hold
from inventory.services import adjust, expire_holds, release
from orders.models import Order, OrderEvent, Payment, PaymentAttempt, Voucher
from saga.engine import run
from saga.errors import PastPivot
from saga.models import Saga, State
from saga.operations import cancel, mark_done
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import advance, charges, counters, place

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DAY = 24 * 3600
GRACE = 10 * 60


@pytest.fixture(autouse=True)
def konbini(settings: Settings) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]


def with_voucher() -> tuple[Order, Saga]:
    """Return an order whose customer has a voucher and has not paid it yet."""
    order, saga = place(token=VOUCHER)
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "voucher")
    return order, saga


def test_a_voucher_keeps_the_goods_until_after_its_end(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = with_voucher()

    voucher = Voucher.objects.get(attempt__payment__order=order)
    assert voucher.expires_at == timezone.now() + timedelta(days=3)
    assert voucher.stores[0] == {
        "chain": "familymart",
        "payment_code": "111111111111",
        "confirmation_number": "03123456789",
    }
    until = voucher.expires_at + timedelta(seconds=GRACE)
    assert Hold.objects.get().expires_at == until + timedelta(minutes=5)
    assert saga.due_at == timezone.now() + timedelta(hours=3)
    assert PaymentAttempt.objects.get().outcome == "voucher"
    assert Payment.objects.get().status == Payment.Status.PENDING
    assert OrderEvent.objects.filter(name="voucher_issued").count() == 1
    assert_invariants([])


def test_paid_at_the_store_the_order_is_completed_with_one_charge(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = with_voucher()
    clock.shift(2 * DAY)
    assert expire_holds() == 0
    gateway.pay_voucher("pi_1")

    read_after_return(order)
    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, order.status) == (State.DONE, "confirmed")
    payment = Payment.objects.get()
    assert (payment.status, payment.method) == ("captured", "konbini")
    assert gateway.count("capture") == 0, "nothing is left to be captured"
    assert counters() == (9, 0)
    assert_invariants(charges(gateway), ended=True)


def test_from_the_moment_the_money_is_seen_nothing_undoes_the_order(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = with_voucher()
    gateway.pay_voucher("pi_1")
    # The first look finds the money; the next step cannot ask.
    gateway.meanwhile("retrieve", lambda: None)
    gateway.fail("retrieve", provider.Misconfigured("check STRIPE_SECRET_KEY"))
    read_after_return(order)
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.step, saga.state) == ("capture_payment", State.RUNNING)
    assert saga.pivot_at is not None
    with pytest.raises(PastPivot):
        cancel(saga, "yuki", "the customer changed her mind")

    advance(saga, clock)
    assert saga.state == State.DONE
    assert_invariants(charges(gateway), ended=True)


@pytest.mark.parametrize("told", [True, False], ids=["told", "by the deadline"])
def test_a_voucher_that_nobody_pays_ends_the_order_uncharged(
    gateway: FakeGateway, clock: Clock, told: bool
) -> None:
    order, saga = with_voucher()
    clock.shift(3 * DAY)
    gateway.let_voucher_lapse("pi_1")
    if told:
        read_after_return(order)
    else:
        clock.shift(GRACE)
        sweep()

    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, order.cancel_reason) == (State.COMPENSATED, "not_paid")
    assert gateway.intents["pi_1"].status is IntentStatus.CANCELED
    assert PaymentAttempt.objects.get().outcome == "abandoned"
    assert counters() == (10, 0)
    assert_invariants(charges(gateway), ended=True)


def test_a_look_before_the_end_changes_nothing(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = with_voucher()
    for _time in range(3):
        clock.shift(DAY // 2)
        read_after_return(order)
        run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "voucher")
    assert Voucher.objects.count() == 1
    assert gateway.count("confirm") == 1


def test_a_voucher_is_cancelled_before_the_goods_go_back_so_it_cannot_be_paid_later(
    gateway: FakeGateway, clock: Clock
) -> None:
    _order, saga = with_voucher()
    seen = []
    gateway.meanwhile("cancel", lambda: seen.append(counters()))
    cancel(saga, "yuki", "the customer called")

    run(saga.pk)

    assert seen == [(10, 1)]
    assert counters() == (10, 0)
    with pytest.raises(provider.UnexpectedState):
        gateway.pay_voucher("pi_1")
    assert_invariants(charges(gateway), ended=True)


def test_a_payment_that_overtakes_staffs_cancellation_completes_the_order(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = with_voucher()
    cancel(saga, "yuki", "the customer called")
    gateway.meanwhile("cancel", lambda: gateway.pay_voucher("pi_1"), after=False)

    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, order.status) == (State.DONE, "confirmed")
    assert counters() == (9, 0)
    assert_invariants(charges(gateway), ended=True)


def test_an_answer_lost_while_the_voucher_was_issued_brings_the_same_voucher(
    gateway: FakeGateway, clock: Clock
) -> None:
    gateway.fail("confirm", provider.OutcomeUnknownError("no answer"), after=True)
    _order, saga = place(token=VOUCHER)

    run(saga.pk)
    clock.shift(5)
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "voucher")
    assert gateway.count("confirm") == 1
    assert Voucher.objects.count() == 1


def test_paid_at_the_store_but_the_goods_are_lost_is_a_persons_matter(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = with_voucher()
    release(order.number)
    adjust("MUG-01", -10, "flood", note="a flood", actor="yuki")
    gateway.pay_voucher("pi_1")
    read_after_return(order)

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.step) == (State.FAILED, "capture_payment")
    assert saga.pivot_at is not None
    assert Payment.objects.get().status == Payment.Status.CAPTURED
    assert_invariants(charges(gateway))


def test_staff_who_mark_it_as_paid_pass_the_pivot_as_well(
    gateway: FakeGateway, clock: Clock
) -> None:
    _order, saga = with_voucher()
    gateway.pay_voucher("pi_1")

    mark_done(saga, "yuki", "seen at the provider")

    saga.refresh_from_db()
    assert (saga.step, saga.pivot_at is not None) == ("capture_payment", True)
    run(saga.pk)
    assert Saga.objects.main_paths().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


def test_an_hour_without_answers_does_not_take_the_voucher_away(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = with_voucher()
    clock.shift(DAY)
    for _time in range(9):
        gateway.fail("retrieve", provider.OutcomeUnknownError("no answer"))
    read_after_return(order)

    advance(saga, clock, sweeps=30)

    assert (saga.state, saga.waiting_for) == (State.WAITING, "voucher")
    assert Payment.objects.get().status == Payment.Status.PENDING
    assert_invariants(charges(gateway))


def test_money_of_which_no_word_came_is_found_by_a_look(
    gateway: FakeGateway, clock: Clock
) -> None:
    _order, saga = with_voucher()
    gateway.pay_voucher("pi_1")

    clock.shift(3 * 3600)
    sweep()
    saga = advance(saga, clock, sweeps=2)

    assert saga.state == State.DONE
    assert_invariants(charges(gateway), ended=True)


def test_the_last_look_is_at_the_voucher_s_end(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = with_voucher()
    voucher = Voucher.objects.get()
    clock.shift(3 * DAY - 3600)

    read_after_return(order)
    run(saga.pk)

    saga.refresh_from_db()
    assert saga.due_at == voucher.expires_at + timedelta(seconds=GRACE)
