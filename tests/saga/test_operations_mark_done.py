"""Marking a step as done, on proof."""

from typing import Any

import pytest

from saga.engine import run
from saga.errors import (
    Abort,
    ActionRefused,
    Busy,
    Changed,
    Ended,
    GoingBack,
    ManualIntervention,
    NotMarkable,
    Retry,
    Unproven,
)
from saga.models import Saga, State
from saga.operations import mark_done, resume
from saga.results import Wait
from saga.step import Context, Step
from tests.conftest import Clock
from tests.saga.lab import Lab, outcomes
from tests.saga.stopped import stopped_at_b
from tests.saga.tables import dump
from tests.support.threads import exceptions_in, run_together


def provable(lab: Lab, *, says: Any = "receipt 7", **options: Any) -> Step:
    """Return b, whose proof returns or raises what the outside ``says``."""

    def prove(_context: Context) -> Any:
        lab.log.append("prove b")
        if isinstance(says, Exception):
            raise says
        return says

    def record(_context: Context, result: Any) -> Any:
        lab.log.append(f"record {result}")
        return {"receipt": result}

    return lab.external("b", **({"prove": prove, "record": record} | options))


@pytest.mark.django_db
def test_a_step_that_was_done_elsewhere_is_not_done_again(lab: Lab) -> None:
    saga = stopped_at_b(lab, provable(lab))

    mark_done(saga, "ken", "done by hand")
    assert (saga.state, saga.step, saga.error) == (State.RUNNING, "c", "")
    run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert lab.log == ["do a", "do b", "prove b", "record receipt 7", "do c"]
    assert saga.output("b") == {"receipt": "receipt 7"}


@pytest.mark.django_db
def test_who_marked_it_why_and_what_the_proof_said_is_in_the_history(lab: Lab) -> None:
    saga = stopped_at_b(lab, provable(lab))

    mark_done(saga, "ken", "done by hand")

    row = saga.attempts.get(outcome="marked")
    assert (row.actor, row.note, row.step) == ("ken", "done by hand", "b")
    assert row.output == {"receipt": "receipt 7"}


@pytest.mark.django_db
def test_the_last_step_marked_ends_the_saga(lab: Lab) -> None:
    lab.plan("do b", ManualIntervention("stuck"))
    saga = lab.start(lab.external("a"), provable(lab))
    run(saga.pk)

    mark_done(saga, "ken", "")

    assert (saga.state, saga.failed_at, saga.alert_wanted_at) == (
        State.DONE,
        None,
        None,
    )
    assert saga.finished_at is not None


@pytest.mark.django_db
def test_a_pivot_that_was_passed_by_hand_is_past(lab: Lab) -> None:
    lab.plan("do b", Retry("not now"))
    saga = lab.start(lab.external("a"), provable(lab, pivot=True), lab.local("c"))
    run(saga.pk)
    Saga.objects.update(pivot_at=None)

    mark_done(saga, "ken", "")

    assert saga.pivot_at is not None


def _raise_step_error(_context: Context, _result: Any) -> Any:
    message = "9 was charged instead of 8"
    raise ManualIntervention(message)


def _wait(_context: Context, _result: Any) -> Wait:
    return Wait(Saga.objects.get().created_at, "the customer")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"says": Unproven("nobody has it")}, "b was not done: nobody has it"),
        ({"record": _raise_step_error}, "b was not done: 9 was charged instead of 8"),
        ({"record": _wait}, "b still waits: the customer"),
    ],
)
def test_what_is_not_proven_is_refused_and_nothing_changes(
    lab: Lab, options: dict[str, Any], why: str
) -> None:
    saga = stopped_at_b(lab, provable(lab, **options))
    before = dump()

    with pytest.raises(Unproven, match=f"R-1: {why}") as refusal:
        mark_done(saga, "ken", "I believe so")

    assert refusal.value.reference == "R-1"
    assert dump() == before


@pytest.mark.django_db
def test_a_step_without_a_proof_cannot_be_marked(lab: Lab) -> None:
    saga = stopped_at_b(lab, lab.external("b"))
    before = dump()

    with pytest.raises(NotMarkable) as refusal:
        mark_done(saga, "ken", "")

    assert refusal.value.step == "b"
    assert dump() == before


@pytest.mark.django_db
def test_a_step_that_will_be_tried_again_can_be_marked(lab: Lab) -> None:
    lab.plan("do b", Retry("not now"))
    saga = lab.start(lab.external("a"), provable(lab), lab.local("c"))
    run(saga.pk)

    mark_done(saga, "ken", "")
    run(saga.pk)

    assert Saga.objects.get().state == State.DONE
    assert lab.log.count("do b") == 1


@pytest.mark.django_db
def test_what_a_worker_is_doing_is_not_marked(lab: Lab, clock: Clock) -> None:
    refusals: list[Exception] = []

    def press(_context: Context) -> None:
        try:
            mark_done(Saga.objects.get(), "ken", "")
        except ActionRefused as error:
            refusals.append(error)

    lab.plan("do b", press)
    saga = lab.start(lab.external("a"), provable(lab), lab.local("c"))
    run(saga.pk)

    (refusal,) = refusals
    assert isinstance(refusal, Busy)
    assert refusal.seconds == 60
    assert str(refusal) == "R-1 is running right now: try again in 60 seconds"
    assert ("b", "do", "marked") not in outcomes(saga)


@pytest.mark.django_db
def test_what_moves_on_while_the_outside_is_asked_is_left_alone(lab: Lab) -> None:
    def prove(_context: Context) -> str:
        resume(Saga.objects.get(), "mio", "faster")
        run(Saga.objects.get().pk)
        return "receipt"

    saga = stopped_at_b(lab, provable(lab, prove=prove))

    with pytest.raises(Changed):
        mark_done(saga, "ken", "slower")

    assert lab.log == ["do a", "do b", "do b", "record None", "do c"]
    assert Saga.objects.get().state == State.DONE
    assert not saga.attempts.filter(outcome="marked").exists()


@pytest.mark.django_db
def test_a_saga_that_has_ended_or_goes_back_is_not_marked(lab: Lab) -> None:
    saga = lab.start(provable(lab))
    run(saga.pk)
    with pytest.raises(Ended):
        mark_done(saga, "ken", "")

    lab.plan("do b", Abort("no", "not_paid"))
    lab.plan("undo b", ManualIntervention("stuck"))
    back = lab.start(provable(lab), reference="R-2")
    run(back.pk)
    with pytest.raises(GoingBack):
        mark_done(back, "ken", "")


@pytest.mark.django_db
def test_a_page_that_is_out_of_date_marks_nothing(lab: Lab) -> None:
    saga = stopped_at_b(lab, provable(lab))
    before = dump()

    with pytest.raises(Changed):
        mark_done(saga, "ken", "", seen=saga.fence - 1)

    assert dump() == before


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_mark_at_once_one_does(lab: Lab) -> None:
    saga = stopped_at_b(lab, provable(lab))
    fence = saga.fence

    answers = run_together(
        range(20),
        lambda n: mark_done(Saga.objects.get(pk=saga.pk), f"{n}", "", seen=fence),
    )

    assert answers.count(None) == 1
    assert {type(error) for error in exceptions_in(answers)} == {Changed}
    assert saga.attempts.filter(outcome="marked").count() == 1
    assert Saga.objects.get().step == "c"


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_a_worker_and_staff_at_once_one_does_the_step(lab: Lab) -> None:
    lab.plan("do b", Retry("not now"))
    saga = lab.start(lab.external("a"), provable(lab), lab.local("c"))
    run(saga.pk)
    Saga.objects.update(due_at=Saga.objects.get().created_at)

    def press(pk: int) -> None:
        mark_done(Saga.objects.get(pk=pk), "ken", "")

    def work(pk: int) -> None:
        run(pk)

    answers = run_together([work, work, *[press] * 6], lambda act: act(saga.pk))
    run(saga.pk)

    assert {type(error) for error in exceptions_in(answers)} <= {
        Busy,
        Changed,
        Ended,
        NotMarkable,
    }
    assert Saga.objects.get().state == State.DONE
    ends = [row for row in outcomes(saga) if row[2] in ("ok", "marked")]
    assert [step for step, _direction, _outcome in ends] == ["a", "b", "c"]
