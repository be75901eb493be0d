"""A day is closed: figures, account, differences, accounting, payout."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from pytest_django.fixtures import Settings

from checkout.accounting.models import AccountMovement
from checkout.payments.balance import ProviderMovement
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import OutcomeUnknownError
from flows.daily_close import figures
from flows.daily_close.definition import FLOW, read_day
from flows.daily_close.models import DailyClose
from flows.services import start_flow
from orders.models import Order
from saga.models import Saga, State
from saga.operations import cancel, resume
from saga.schedules import all_schedules
from tests.checkout.accounting.ledgers import charged, refunded
from tests.conftest import Clock
from tests.flows.runs import approve, go_on, started

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

DAY = "2029-12-31"
NOON = datetime(2029, 12, 31, 3, tzinfo=UTC)


def close() -> Saga:
    return started(start_flow(FLOW, DAY)[0])


def row() -> DailyClose:
    return DailyClose.objects.get()


def movement(name: str, kind: str, amount: int, source: str = "") -> ProviderMovement:
    return ProviderMovement(name, kind, amount, 0, "JPY", source, NOON)


def sold(gateway: FakeGateway, taken: int = 6000) -> Order:
    """An order of 6,000, of which the provider knows ``taken``."""
    order = charged(NOON)
    gateway.movements.append(movement("m1", "charge", taken, f"ch_{order.pk}"))
    return order


def paid_out(amount: int) -> None:
    AccountMovement.objects.create(
        movement_id="po",
        kind="payout",
        amount_minor=-amount,
        fee_minor=0,
        currency="JPY",
        created_at=NOON + timedelta(days=3),
    )


def test_a_day_that_agrees_waits_for_the_payout_and_is_done(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    settings.ACCOUNTING_EMAILS = ["books@example.com"]
    sold(gateway)

    saga = close()

    assert (saga.state, saga.step) == (State.WAITING, "await_payout")
    assert (row().charged_minor, row().differences) == (6000, [])
    sent = mail.outbox[0]
    assert sent.to == ["books@example.com"]
    name, csv, _type = sent.attachments[0]
    assert name == f"{DAY}.csv"
    assert "4200" in str(csv)
    paid_out(6000)
    go_on(clock, seconds=6 * 3600, rounds=1)
    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert row().paid_out_at is not None


def test_differences_wait_for_a_person(gateway: FakeGateway, clock: Clock) -> None:
    order = sold(gateway, taken=5900)
    paid_out(6000)
    saga = close()

    assert (saga.state, saga.step) == (State.WAITING, "accept_differences")
    assert row().differences == [f"{order.number}: ¥6,000, ¥5,900"]
    assert saga.alert_wanted_at is not None
    approve(saga)
    assert saga.state == State.DONE
    assert row().accepted_by == "ann"


def test_differences_that_find_no_room_are_counted(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST_NAMED", 0)
    sold(gateway, taken=5900)
    close()
    assert row().differences == ["+1"]


def test_declined_the_day_is_open_again_and_may_be_closed_anew(
    gateway: FakeGateway, clock: Clock
) -> None:
    sold(gateway, taken=5900)
    approve(close(), approved=False)
    assert not DailyClose.objects.exists()

    again, is_new = start_flow(FLOW, DAY)
    assert is_new
    assert again.reference == f"{DAY}~2"
    assert started(again).step == "accept_differences"
    assert start_flow(FLOW, DAY) == (again, False)


def test_what_the_account_does_not_know_is_a_difference(gateway: FakeGateway) -> None:
    order = sold(gateway)
    refund = refunded(order, 500, NOON)
    close()
    assert row().differences == [f"{order.number}: -¥500, -"]
    assert refund.refund_id


def test_without_a_payout_staff_are_alerted_in_the_end(
    gateway: FakeGateway, clock: Clock
) -> None:
    sold(gateway)
    saga = close()
    go_on(clock, seconds=15 * 24 * 3600, rounds=2)
    saga.refresh_from_db()
    assert (saga.state, saga.step) == (State.FAILED, "await_payout")

    paid_out(6000)
    resume(saga, "ken", "the bank was late")
    assert started(saga).state == State.DONE


def test_a_provider_that_is_away_leaves_the_day_to_be_resumed(
    gateway: FakeGateway, clock: Clock
) -> None:
    sold(gateway)
    paid_out(6000)
    for _try in range(10):
        gateway.fail("movements_since", OutcomeUnknownError("away"))
    saga = close()
    assert (saga.step, saga.state) == ("read_account", State.RUNNING)
    go_on(clock, seconds=301, rounds=12)
    saga.refresh_from_db()
    assert (saga.step, saga.state) == ("read_account", State.FAILED)

    resume(saga, "ken", "it answers again")
    assert started(saga).state == State.DONE


def test_a_cancelled_close_leaves_nothing(gateway: FakeGateway, clock: Clock) -> None:
    sold(gateway)
    saga = close()
    cancel(saga, "ken", "too early")
    go_on(clock)
    saga.refresh_from_db()
    assert saga.state == State.COMPENSATED
    assert not DailyClose.objects.exists()


def test_payouts_cover_what_came_until_the_day(gateway: FakeGateway) -> None:
    day = date.fromisoformat(DAY)
    assert figures.is_paid_out(day)
    sold(gateway)
    close()
    assert not figures.is_paid_out(day)
    paid_out(5999)
    assert not figures.is_paid_out(day)
    AccountMovement.objects.filter(kind="payout").update(amount_minor=-6000)
    assert figures.is_paid_out(day)


def test_only_a_day_that_has_ended_is_closed(clock: Clock) -> None:
    assert read_day(" 2029-12-31 ") == "2029-12-31"
    for typed in ("2030-01-02", "yesterday", ""):
        with pytest.raises(ValueError, match="day"):
            read_day(typed)


def test_every_night_the_day_before_is_closed() -> None:
    assert FLOW.definition.name in {one.definition.name for one in all_schedules()}
