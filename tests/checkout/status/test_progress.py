"""How far an order is, as customers and staff see it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import CHALLENGED, FakeGateway
from checkout.status.money import money_taken
from checkout.status.progress import Progress, progress_of
from checkout.status.sagas import saga_of
from checkout.tracking.services import read_after_return
from inventory.services import adjust
from orders.models import Order
from saga.engine import run
from saga.models import State
from tests.conftest import Clock
from tests.support.ordering import advance, place

pytestmark = pytest.mark.django_db

UNKNOWN = provider.OutcomeUnknownError("no answer")


def steps(order: Order) -> list[str]:
    return [step.state for step in progress_of(order).steps]


def test_a_fresh_order_is_being_worked_at(gateway: FakeGateway) -> None:
    order, _saga = place()

    now = progress_of(order)

    assert (now.outcome, now.is_final, now.paid) == ("working", False, False)
    assert [(step.key, step.state) for step in now.steps] == [
        ("stock", "active"),
        ("payment", "pending"),
        ("preparation", "pending"),
    ]


def test_a_completed_order_is_done_and_paid(gateway: FakeGateway, clock: Clock) -> None:
    order, saga = place()
    run(saga.pk)

    now = progress_of(order)

    assert (now.outcome, now.is_final, now.paid) == ("done", True, True)
    assert steps(order) == ["done"] * 3
    with translation.override("en"):
        assert money_taken(Order.objects.get()) == "Charged: ¥2,400."


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_visa_chargeDeclined", "declined"),
        ("pm_card_visa_chargeDeclinedLostCard", "declined"),
    ],
)
def test_a_decline_is_explained_without_helping_a_thief(
    gateway: FakeGateway, clock: Clock, token: str, told: str
) -> None:
    order, saga = place(token=token)
    run(saga.pk)

    now = progress_of(order)

    assert (now.outcome, now.decline) == ("needs_card", told)
    assert now.deadline == timezone.now() + timedelta(minutes=30)
    assert steps(order) == ["done", "needs_you", "pending"]


def test_a_report_from_the_provider_does_not_take_the_card_form_away(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token="pm_card_visa_chargeDeclined")
    run(saga.pk)
    asked = progress_of(order)
    during: list[Progress] = []
    gateway.meanwhile("retrieve", lambda: during.append(progress_of(order)))

    read_after_return(order)
    woken = progress_of(order)
    run(saga.pk)

    assert [woken.version, during[0].version] == [asked.version] * 2
    assert progress_of(order) == asked


def test_a_challenge_asks_the_customer(gateway: FakeGateway, clock: Clock) -> None:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)

    now = progress_of(order)

    assert (now.outcome, now.decline) == ("needs_challenge", "")
    assert now.deadline is not None


def test_an_unknown_outcome_says_that_the_bank_is_asked(
    gateway: FakeGateway, clock: Clock
) -> None:
    gateway.fail("capture", UNKNOWN)
    order, saga = place()
    run(saga.pk)

    now = progress_of(order)

    assert (now.outcome, now.paid) == ("checking_bank", False)
    assert steps(order) == ["done", "retrying", "pending"]
    with translation.override("en"):
        assert money_taken(Order.objects.get()).startswith(
            "Charge unconfirmed: ¥2,400."
        )


def test_a_fault_that_is_tried_again_says_so(
    gateway: FakeGateway, clock: Clock
) -> None:
    gateway.fail("create", provider.NotNow("429"))
    order, saga = place()
    run(saga.pk)

    assert progress_of(order).outcome == "retrying"


def test_a_stopped_order_is_on_hold_for_its_customer(
    gateway: FakeGateway, clock: Clock
) -> None:
    gateway.fail("create", provider.Refused("wrong"))
    order, saga = place()
    run(saga.pk)

    now = progress_of(order)

    assert (now.outcome, now.is_final) == ("on_hold", False)
    assert steps(order) == ["done", "on_hold", "pending"]
    with translation.override("en"):
        assert money_taken(Order.objects.get()) == "Not charged."


def test_a_sold_out_order_shows_the_stock_as_what_failed(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()
    adjust("MUG-01", -10, "C-1", "fire", "ken")
    run(saga.pk)

    now = progress_of(order)

    assert (now.outcome, now.cancel_reason) == ("cancelled", "out_of_stock")
    assert (now.is_final, now.paid) == (True, False)
    assert steps(order) == ["failed", "pending", "pending"]


def test_an_unpaid_order_shows_the_payment_as_what_failed(
    gateway: FakeGateway, clock: Clock
) -> None:
    for _time in range(5):
        gateway.fail("confirm", UNKNOWN)
    order, saga = place()
    advance(saga, clock)

    assert progress_of(order).cancel_reason == "technical"
    assert steps(order) == ["pending", "failed", "pending"]


def test_the_mail_on_its_way_does_not_hold_up_the_customer(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()
    for link in ("reserve_stock", "take_payment", "fulfil_order"):
        run(saga.pk, link=f"checkout.{link}")

    assert saga_of(order).state == State.JOINING
    assert progress_of(order).outcome == "done"


def test_the_version_changes_with_everything_shown(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=CHALLENGED)
    seen: list[Progress] = [progress_of(order)]
    run(saga.pk)
    seen.append(progress_of(order))
    gateway.answer_challenge("pi_1")
    advance(saga, clock, sweeps=60, seconds=40)
    seen.append(progress_of(order))

    assert [now.outcome for now in seen] == ["working", "needs_challenge", "done"]
    assert len({now.version for now in seen}) == 3
    assert progress_of(order).version == seen[-1].version


def test_reading_the_progress_takes_three_queries(gateway: FakeGateway) -> None:
    order, _saga = place()

    with CaptureQueriesContext(connection) as queries:
        progress_of(order)

    assert len(queries) == 3
