"""Many cards at the same moment: good customers all buy, a card tester is stopped."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.cart.pricing import quote
from checkout.payments import declines
from checkout.payments.fake.gateway import FakeGateway
from checkout.placement.services import place_order
from checkout.status.names import WAIT_FOR_TURN
from checkout.status.progress import progress_of
from orders.models import Order, PaymentAttempt
from saga.engine import run
from saga.models import Saga, State
from tests.conftest import Clock
from tests.support.orders import VISA, make_cart
from tests.support.threads import exceptions_in, run_together

DECLINED = "pm_card_visa_chargeDeclined"
CARRIER = "203.0.113.7"
LIMIT = 4
WORKERS = 8
# As far as the bank's answer; what comes after it is not the subject here.
LINKS = ("checkout.reserve_stock", "checkout.take_payment")
BANK_TAKES = 0.1  # seconds


@pytest.fixture(autouse=True)
def few(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CARD_TRIES_PER_HOUR = LIMIT
    pause = timedelta(seconds=0.1)
    monkeypatch.setattr("checkout.flow.authorize_payment.PAUSE", pause)


def order_of_card(token: str, sku: str, free: int = 100) -> Saga:
    cart = make_cart({sku: 1}, free=free)
    order = place_order(cart, quote(cart), token=token, language="en", client=CARRIER)
    return Saga.objects.get(reference=order.number)


def slow(gateway: FakeGateway, calls: int) -> list[int]:
    """Make the bank slow. Return a list of how many cards it had, as each arrived."""
    inside: list[int] = []

    def answer() -> None:
        inside.append(1)
        seen.append(len(inside))
        time.sleep(BANK_TAKES)
        inside.pop()

    seen: list[int] = []
    for _call in range(calls):
        gateway.meanwhile("confirm", answer, after=False)
    return seen


def work_on(sagas: list[Saga], done: Callable[[Saga], bool]) -> list[Exception]:
    """Run the sagas in threads, as workers and the sweeper do, until all are done.

    Return the exceptions.
    """

    def work(mine: list[Saga]) -> None:
        for _round in range(200):
            for saga in mine:
                for link in LINKS:
                    run(saga.pk, link)
                saga.refresh_from_db()
            mine = [saga for saga in mine if not done(saga)]
            if not mine:
                return
            time.sleep(0.05)
        message = f"{mine} are not done"
        raise TimeoutError(message)

    return exceptions_in(
        run_together([sagas[n::WORKERS] for n in range(WORKERS)], work)
    )


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_twenty_bad_cards_at_the_same_moment_the_bank_sees_no_more_than_the_limit(
    gateway: FakeGateway,
) -> None:
    sagas = [order_of_card(DECLINED, "MUG-01") for _card in range(20)]
    slow(gateway, 20)

    problems = work_on(sagas, lambda saga: saga.state == State.WAITING)

    assert problems == []
    assert gateway.count("confirm") == LIMIT
    codes = list(PaymentAttempt.objects.values_list("decline_code", flat=True))
    assert codes.count(declines.TOO_MANY_CARDS) == 20 - LIMIT


@pytest.mark.django_db
def test_a_card_whose_turn_has_not_come_waits_and_is_told_nothing_bad(
    gateway: FakeGateway, clock: Clock
) -> None:
    sagas = [order_of_card(VISA, "MUG-01") for _card in range(LIMIT + 1)]
    last = sagas.pop()

    run(last.pk)

    last.refresh_from_db()
    assert last.waiting_for == WAIT_FOR_TURN
    assert progress_of(Order.objects.get(number=last.reference)).outcome == "working"
    run(sagas[0].pk)
    clock.shift(2)
    run(last.pk)
    assert PaymentAttempt.objects.latest("pk").outcome == "accepted"


@pytest.mark.django_db
def test_a_card_that_is_refused_in_the_queue_is_told_why(
    gateway: FakeGateway, clock: Clock
) -> None:
    sagas = [order_of_card(DECLINED, "MUG-01") for _card in range(LIMIT + 1)]
    for saga in sagas:
        run(saga.pk)

    progress = progress_of(Order.objects.get(number=sagas[-1].reference))

    assert progress.outcome == "needs_card"
    assert "so this one was not tried" in progress.decline_text
    assert gateway.count("confirm") == LIMIT


@pytest.mark.django_db
def test_a_card_in_the_queue_waits_no_longer_than_its_goods_are_set_aside(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    waiting = [order_of_card(VISA, "MUG-01") for _card in range(LIMIT + 1)][-1]
    run(waiting.pk)
    # The others' workers are away, and their customers have a minute more.
    later = timezone.now() + timedelta(minutes=1)
    PaymentAttempt.objects.update(created_at=later)
    clock.shift(settings.HOLD_MINUTES * 60)
    run(waiting.pk)

    waiting.refresh_from_db()
    order = Order.objects.get(number=waiting.reference)
    assert (waiting.state, order.cancel_reason) == (State.COMPENSATED, "not_paid")
