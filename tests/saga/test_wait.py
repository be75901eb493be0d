from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from saga.engine import Result, run
from saga.errors import PastPivot, Retry
from saga.models import Saga, State
from saga.operations import cancel
from saga.results import PivotPassed, Wait
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Lab, outcomes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def wait(_context: object = None) -> Wait:
    return Wait(timezone.now() + timedelta(minutes=30), "card")


@pytest.mark.parametrize("kind", ["local", "external"])
def test_a_step_may_wait_and_is_run_again_when_woken(
    lab: Lab, clock: Clock, kind: str
) -> None:
    lab.plan("do a", wait)
    saga = lab.start(lab.local("a") if kind == "local" else lab.external("a"))

    assert run(saga.pk) is Result.STOPPED
    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "card")
    assert saga.due_at == timezone.now() + timedelta(minutes=30)
    assert run(saga.pk) is Result.STOPPED

    assert lab.wake() is True
    assert run(saga.pk) is Result.PASSED
    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.DONE, "")
    assert lab.log == ["do a", "do a"]
    assert [row[2] for row in outcomes(saga)] == ["waiting", "ok"]


def test_the_recording_of_an_answer_may_wait(lab: Lab, clock: Clock) -> None:
    saga = lab.start(lab.external("a", record=lambda _context, _answer: wait()))

    run(saga.pk)

    assert Saga.objects.get().state == State.WAITING


def test_waiting_uses_up_no_tries(lab: Lab, clock: Clock) -> None:
    lab.plan("do a", *[wait] * 5)
    saga = lab.start(lab.external("a"))

    for _time in range(5):
        run(saga.pk)
        lab.wake()
    run(saga.pk)

    assert Saga.objects.get().state == State.DONE
    assert set(saga.attempts.values_list("number", flat=True)) == {1}


def test_a_wait_ends_at_its_deadline_by_the_sweeper(lab: Lab, clock: Clock) -> None:
    lab.plan("do a", wait)
    saga = lab.start(lab.external("a"))
    run(saga.pk)

    clock.shift(30 * 60 - 1)
    assert sweep().relaunched == 0
    assert run(saga.pk) is Result.STOPPED
    clock.shift(1)
    assert sweep().relaunched == 1

    assert run(saga.pk) is Result.PASSED
    assert lab.log == ["do a", "do a"]


def test_a_call_that_comes_while_the_step_still_runs_is_not_missed(
    lab: Lab, clock: Clock
) -> None:
    def be_called_and_wait(_context: object) -> Wait:
        lab.wake()
        return wait()

    lab.plan("do a", be_called_and_wait)
    saga = lab.start(lab.external("a"))

    assert run(saga.pk) is Result.PASSED

    assert lab.log == ["do a", "do a"]
    assert Saga.objects.get().state == State.DONE


def test_a_call_between_the_answer_and_its_recording_is_not_missed(
    lab: Lab, clock: Clock
) -> None:
    answers: list[Callable[[], object]] = [wait, dict]

    def record(_context: object, _answer: object) -> object:
        if len(answers) == 2:
            lab.wake()
        return answers.pop(0)()

    saga = lab.start(lab.external("a", record=record))

    assert run(saga.pk) is Result.PASSED
    assert lab.log == ["do a", "do a"]


def test_a_call_from_before_the_step_does_not_end_its_wait(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do b", wait)
    saga = lab.start(lab.local("a"), lab.external("b"))
    run(saga.pk, link="a")
    lab.wake()

    run(saga.pk)

    assert Saga.objects.get().state == State.WAITING


def test_calling_a_saga_that_ended_or_never_was_does_nothing(lab: Lab) -> None:
    saga = lab.start(lab.local("a"))
    run(saga.pk)

    assert lab.wake() is False
    assert lab.wake("nobody") is False

    saga.refresh_from_db()
    assert (saga.state, saga.signals) == (State.DONE, 0)


def test_calling_does_not_hasten_a_retry(lab: Lab, clock: Clock) -> None:
    lab.plan("do a", ValueError("broken"))
    saga = lab.start(lab.external("a"))
    run(saga.pk)
    due_at = Saga.objects.get().due_at

    assert lab.wake() is True

    saga.refresh_from_db()
    assert (saga.state, saga.due_at) == (State.RUNNING, due_at)


def test_staff_who_are_waited_for_are_alerted_once(lab: Lab, clock: Clock) -> None:
    def wait_for_staff(_context: object) -> Wait:
        until = timezone.now() + timedelta(minutes=30)
        return Wait(until, "staff", "pack the goods")

    lab.plan("do a", wait_for_staff, wait_for_staff)
    saga = lab.start(lab.external("a"))
    run(saga.pk)
    sweep()
    clock.shift(60)
    lab.wake()
    run(saga.pk)
    sweep()

    saga.refresh_from_db()
    assert (saga.state, saga.error) == (State.WAITING, "pack the goods")
    assert lab.alerts == ["R-1 at a: pack the goods"]

    lab.wake()
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.state, saga.error, saga.alert_wanted_at) == (State.DONE, "", None)


def test_a_pivot_that_is_passed_again_keeps_its_time(lab: Lab, clock: Clock) -> None:
    def pay(_context: object) -> PivotPassed:
        clock.shift(5)
        return PivotPassed({})

    begin = timezone.now()
    lab.plan("do pay", pay)
    saga = lab.start(lab.external("pay", pivot=True))

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.pivot_at) == (State.DONE, begin)


def test_the_history_says_until_when_a_step_waits(lab: Lab, clock: Clock) -> None:
    until = timezone.now() + timedelta(minutes=30)
    lab.plan("do a", wait)
    saga = lab.start(lab.external("a"))

    run(saga.pk)

    assert saga.attempts.get().output == {"until": until.isoformat()}


def test_a_step_may_pass_the_pivot_before_its_own_step(lab: Lab, clock: Clock) -> None:
    lab.plan("do pay", lambda _context: PivotPassed({"paid": 3}))
    lab.plan("do pack", Retry("no paper"))
    saga = lab.start(lab.external("pay"), lab.local("pack"))

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.step, saga.output("pay")) == ("pack", {"paid": 3})
    assert saga.pivot_at is not None
    with pytest.raises(PastPivot):
        cancel(saga, "yuki", "too late")
    clock.shift(60)
    run(saga.pk)
    assert Saga.objects.get().state == State.DONE
