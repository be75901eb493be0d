from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from saga.engine import Result, run
from saga.errors import Abort, LostClaim, ManualIntervention, OutcomeUnknown, Retry
from saga.models import Saga, State
from saga.processes import own_name
from saga.step import RetryPolicy, Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Lab, outcomes

pytestmark = pytest.mark.django_db


def kinds(lab: Lab) -> list[Step]:
    return [lab.local("a"), lab.external("a")]


@pytest.mark.parametrize("kind", [0, 1], ids=["local", "external"])
def test_a_step_that_fails_is_due_again_after_a_growing_pause(
    lab: Lab, clock: Clock, kind: int
) -> None:
    lab.plan("do a", Retry("not now"), OutcomeUnknown("no answer"))
    saga = lab.start(kinds(lab)[kind])

    for pause, error, error_kind in [
        (10, "not now", "retry"),
        (20, "no answer", "unknown"),
    ]:
        assert run(saga.pk) is Result.STOPPED
        saga.refresh_from_db()
        assert (saga.state, saga.error, saga.error_kind) == (
            "running",
            error,
            error_kind,
        )
        assert saga.due_at == timezone.now() + timedelta(seconds=pause)
        clock.shift(pause - 1)
        assert run(saga.pk) is Result.STOPPED
        clock.shift(1)

    assert run(saga.pk) is Result.PASSED
    saga.refresh_from_db()
    assert lab.log == ["do a"] * 3
    assert (saga.state, saga.error, saga.attempt) == (State.DONE, "", 0)
    assert [row[2] for row in outcomes(saga)] == ["retry", "retry", "ok"]
    assert list(saga.attempts.values_list("number", flat=True)) == [1, 2, 3]


def test_a_fault_without_a_class_of_ours_is_retried_and_its_trace_kept(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do a", ZeroDivisionError("by nought"))
    saga = lab.start(lab.external("a"))

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.error_kind, saga.error_class) == ("unexpected", "ZeroDivisionError")
    attempt = saga.attempts.get()
    assert (attempt.outcome, attempt.error) == ("retry", "ZeroDivisionError: by nought")
    assert "lab.py" in attempt.trace


def test_the_history_keeps_no_row_that_the_database_quotes(lab: Lab) -> None:
    refusal = "refused\nDETAIL:  Failing row contains (7, 港 花子\n西麻布1-2-3)."
    lab.plan("do a", IntegrityError(refusal))
    saga = lab.start(lab.external("a"))

    run(saga.pk)

    saga.refresh_from_db()
    attempt = saga.attempts.get()
    assert attempt.error == "IntegrityError: refused\nDETAIL:[hidden]"
    for text in (saga.error, attempt.trace):
        assert "refused" in text
        assert "花子" not in text
        assert "西麻布" not in text


def test_a_try_in_the_history_says_who_did_what_when_and_how_it_ended(
    lab: Lab, clock: Clock
) -> None:
    def work(_context: object) -> None:
        clock.shift(7)
        raise ValueError("x" * 9000)

    lab.plan("do a", work)
    begin = timezone.now()
    saga = lab.start(lab.external("a"))

    run(saga.pk)

    row = saga.attempts.get()
    assert (row.fence, row.step, row.direction, row.number) == (1, "a", "do", 1)
    assert (row.started_at, row.ended_at) == (begin, begin + timedelta(seconds=7))
    assert row.worker == own_name()
    assert (row.outcome, row.error_class) == ("retry", "ValueError")
    # What is cut is the end of the error, and the beginning of the trace.
    assert row.error == "ValueError: " + "x" * (2000 - len("ValueError: ") - 1) + "…"
    assert len(row.trace) == 8000
    assert row.trace.endswith("xxx\n")
    assert row.output == {}


def test_an_error_of_ours_is_told_without_the_name_of_its_class(lab: Lab) -> None:
    lab.plan("do a", Retry("not now"))
    saga = lab.start(lab.external("a"))

    run(saga.pk)

    row = saga.attempts.get()
    assert (row.error, row.error_class) == ("not now", "Retry")


def test_the_errors_own_pause_goes_before_the_policys(lab: Lab, clock: Clock) -> None:
    lab.plan("do a", Retry("later", after=timedelta(minutes=3)))
    saga = lab.start(lab.external("a"))

    run(saga.pk)

    saga.refresh_from_db()
    assert saga.due_at == timezone.now() + timedelta(minutes=3)


def test_the_pause_grows_to_the_cap_and_is_jittered() -> None:
    exact = RetryPolicy(base=1, factor=2, cap=5, jitter=0)
    assert [exact.delay(n).total_seconds() for n in (1, 2, 3, 4, 9)] == [1, 2, 4, 5, 5]

    jittered = RetryPolicy(base=10, factor=2, cap=60, jitter=0.2)
    pauses = {jittered.delay(1).total_seconds() for _n in range(50)}
    assert all(8 <= pause <= 12 for pause in pauses)
    assert len(pauses) > 1


def fail_three_times(lab: Lab, clock: Clock, saga: Saga, act: str) -> None:
    lab.plan(act, *(Retry(f"no {n}") for n in (1, 2, 3)))
    for _try in range(3):
        run(saga.pk)
        clock.shift(60)
    saga.refresh_from_db()


@pytest.mark.parametrize("kind", [0, 1], ids=["local", "external"])
def test_before_the_pivot_the_last_failed_try_turns_back(
    lab: Lab, clock: Clock, kind: int
) -> None:
    saga = lab.start(lab.local("z"), kinds(lab)[kind])

    fail_three_times(lab, clock, saga, "do a")

    assert (saga.state, saga.reason) == (State.COMPENSATED, "technical")
    assert lab.log == ["do z", "do a", "do a", "do a", "undo a", "undo z"]
    assert saga.alert_wanted_at is None


@pytest.mark.parametrize("kind", [0, 1], ids=["local", "external"])
def test_after_the_pivot_the_last_failed_try_calls_a_person(
    lab: Lab, clock: Clock, kind: int
) -> None:
    saga = lab.start(lab.external("pay", pivot=True), kinds(lab)[kind])

    fail_three_times(lab, clock, saga, "do a")

    assert (saga.state, saga.step, saga.attempt) == (State.FAILED, "a", 3)
    assert (saga.error, saga.error_kind) == ("no 3", "retry")
    assert saga.failed_at is not None
    assert "undo pay" not in lab.log
    sweep()
    assert lab.alerts == ["R-1 at a: no 3"]


def test_the_pivots_own_call_is_never_undone_for_want_of_an_answer(
    lab: Lab, clock: Clock
) -> None:
    saga = lab.start(lab.local("z"), lab.external("pay", pivot=True, undo=False))

    fail_three_times(lab, clock, saga, "do pay")

    assert (saga.state, saga.step) == (State.FAILED, "pay")
    assert saga.pivot_at is not None
    assert lab.log == ["do z", "do pay", "do pay", "do pay"]


def test_a_step_that_needs_a_person_is_not_tried_again(lab: Lab, clock: Clock) -> None:
    lab.plan("do a", ManualIntervention("look at this"))
    saga = lab.start(lab.external("a"))

    run(saga.pk)
    clock.shift(3600)
    sweep()
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.error_kind) == (State.FAILED, "person")
    assert lab.log == ["do a"]
    assert lab.alerts == ["R-1 at a: look at this"]
    assert outcomes(saga) == [("a", "do", "failed")]


def test_a_limitless_fault_never_uses_up_the_tries_and_alerts_once(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do a", *(Retry("wrong key", limitless=True) for _n in range(6)))
    saga = lab.start(lab.external("a"))

    for _try in range(6):
        run(saga.pk)
        sweep()
        saga.refresh_from_db()
        assert (saga.state, saga.attempt) == (State.RUNNING, 0)
        clock.shift(60)
    run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert saga.alert_wanted_at is None
    assert lab.alerts == ["R-1 at a: wrong key"]


def test_a_limitless_fault_is_tried_at_the_policys_longest_pause(
    lab: Lab, clock: Clock
) -> None:
    # Every order asks at once while the fault lasts: a second's pause would be a storm.
    lab.plan("do a", Retry("wrong key", limitless=True))
    saga = lab.start(lab.external("a"))

    run(saga.pk)

    saga.refresh_from_db()
    assert saga.due_at == timezone.now() + timedelta(seconds=40)


def test_what_a_failed_recording_wrote_is_rolled_back(lab: Lab, clock: Clock) -> None:
    def record(_context: object, _answer: object) -> None:
        Saga.objects.update(reason="written")
        message = "cannot be written down"
        raise Retry(message)

    saga = lab.start(lab.external("a", record=record))

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.reason, saga.error) == ("", "cannot be written down")
    assert saga.attempt == 1


def test_what_a_failed_local_step_wrote_is_rolled_back(lab: Lab, clock: Clock) -> None:
    def write_and_fail(_context: object) -> None:
        Saga.objects.update(reason="written")
        message = "half way"
        raise ValueError(message)

    lab.plan("do a", write_and_fail)
    saga = lab.start(lab.local("a"))

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.reason, saga.error, saga.attempt) == ("", "ValueError: half way", 1)


def test_a_preparation_that_fails_is_a_failed_try_without_the_call(
    lab: Lab, clock: Clock
) -> None:
    def prepare(_context: object) -> None:
        message = "not ready"
        raise Retry(message)

    saga = lab.start(lab.external("pay", pivot=True, prepare=prepare))

    run(saga.pk)

    saga.refresh_from_db()
    assert lab.log == []
    assert (saga.attempt, saga.error, saga.pivot_at) == (1, "not ready", None)
    assert outcomes(saga) == [("pay", "do", "retry")]


def test_a_preparation_that_aborts_before_the_pivot_turns_back(
    lab: Lab, clock: Clock
) -> None:
    def prepare(_context: object) -> None:
        message = "sold out"
        raise Abort(message, "out_of_stock")

    saga = lab.start(
        lab.local("a"), lab.external("pay", pivot=True, undo=False, prepare=prepare)
    )

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.reason) == (State.COMPENSATED, "out_of_stock")
    assert lab.log == ["do a", "undo a"]


def test_a_step_that_lost_its_claim_stops_without_a_trace(lab: Lab) -> None:
    lab.plan("do a", LostClaim("another worker has it"))
    saga = lab.start(lab.external("a"))

    assert run(saga.pk) is Result.STOPPED

    saga.refresh_from_db()
    assert (saga.state, saga.error) == (State.RUNNING, "")
