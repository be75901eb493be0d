"""Hosts whose clocks are wrong: a saga is as fast and as safe as on any other."""

from datetime import timedelta

import pytest

from saga import operations
from saga.engine import Result, run
from saga.errors import ManualIntervention, Retry
from saga.models import Saga
from saga.results import Wait
from saga.step import Context
from saga.sweeper import sweep
from shop import database_clock
from tests.saga.lab import Lab, outcomes
from tests.support.clock import wrong_clock

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

AHEAD, BEHIND = timedelta(minutes=5), -timedelta(minutes=5)
WRONG = pytest.mark.parametrize("offset", [AHEAD, BEHIND], ids=["ahead", "behind"])


def from_now(saga: Saga) -> float:
    """Return in how many seconds the saga is due, by the database's clock."""
    saga.refresh_from_db()
    return (saga.due_at - database_clock.read()).total_seconds()


@WRONG
def test_a_saga_that_another_host_starts_is_due_at_once(
    lab: Lab, offset: timedelta
) -> None:
    with wrong_clock(offset):
        saga = lab.start(lab.external("a"), lab.local("b"))

    assert run(saga.pk) is Result.PASSED


@WRONG
def test_a_host_with_a_wrong_clock_runs_what_is_due(
    lab: Lab, offset: timedelta
) -> None:
    saga = lab.start(lab.external("a"), lab.local("b"))

    with wrong_clock(offset):
        assert run(saga.pk) is Result.PASSED


@WRONG
def test_a_lease_ends_when_it_should_whoever_wrote_it(
    lab: Lab, offset: timedelta
) -> None:
    step = lab.external("a", lease=timedelta(seconds=60))
    left: list[float] = []

    def look(context: Context) -> None:
        left.append(from_now(Saga.objects.get(pk=context.saga.pk)))
        with context.checkpoint():
            pass
        left.append(from_now(Saga.objects.get(pk=context.saga.pk)))

    lab.plan("do a", look)
    saga = lab.start(step)
    with wrong_clock(offset):
        run(saga.pk)

    assert left == [pytest.approx(60, abs=5)] * 2


@WRONG
def test_a_sweeper_with_a_wrong_clock_takes_no_claim_away(
    lab: Lab, offset: timedelta
) -> None:
    def sweep_meanwhile(_context: Context) -> None:
        with wrong_clock(offset):
            assert sweep().lost == 0

    lab.plan("do a", sweep_meanwhile)
    saga = lab.start(lab.external("a"))

    assert run(saga.pk) is Result.PASSED
    assert outcomes(saga) == [("a", "do", "ok")]


@WRONG
def test_a_sweeper_with_a_wrong_clock_sees_what_is_overdue(
    lab: Lab, offset: timedelta
) -> None:
    saga = lab.start(lab.external("a"))
    late = database_clock.read() - timedelta(seconds=1)
    Saga.objects.filter(pk=saga.pk).update(sweep_at=late)

    with wrong_clock(offset):
        assert sweep().relaunched == 1

    saga.refresh_from_db()
    assert 0 < (saga.sweep_at - database_clock.read()).total_seconds() < 60


@WRONG
def test_the_pause_before_the_next_try_is_as_long_as_planned(
    lab: Lab, offset: timedelta
) -> None:
    lab.plan("do a", Retry("no answer"))
    saga = lab.start(lab.external("a"))

    with wrong_clock(offset):
        run(saga.pk)

    assert from_now(saga) == pytest.approx(10, abs=5)


@WRONG
def test_a_wake_up_from_another_host_is_heard_at_once(
    lab: Lab, offset: timedelta
) -> None:
    until = database_clock.read() + timedelta(minutes=30)
    lab.plan("do a", Wait(until, "callback"))
    saga = lab.start(lab.external("a"))
    run(saga.pk)

    with wrong_clock(offset):
        lab.wake()

    assert run(saga.pk) is Result.PASSED


@WRONG
def test_what_staff_resume_from_another_host_runs_at_once(
    lab: Lab, offset: timedelta
) -> None:
    lab.plan("do a", ManualIntervention("no account"))
    saga = lab.start(lab.external("a"))
    run(saga.pk)
    saga.refresh_from_db()

    with wrong_clock(offset):
        operations.resume(saga, "hanako", "the bank is back")

    assert run(saga.pk) is Result.PASSED
