import pytest

from saga.engine import run
from saga.errors import Abort, Changed, ManualIntervention, NotResumable
from saga.models import Saga, State
from saga.operations import resume
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Lab, outcomes
from tests.support.threads import exceptions_in, run_together


def stopped(lab: Lab) -> Saga:
    """Return a saga that stopped at b, after a has had its effect."""
    lab.plan("do b", ManualIntervention("look at this"))
    saga = lab.start(lab.external("a", pivot=True), lab.external("b"), lab.local("c"))
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.state, saga.step) == (State.FAILED, "b")
    return saga


@pytest.mark.django_db
def test_a_stopped_saga_goes_on_from_the_step_that_failed(lab: Lab) -> None:
    saga = stopped(lab)

    resume(saga, "ken", "the warehouse is back")
    assert (saga.state, saga.step, saga.attempt) == (State.RUNNING, "b", 0)
    run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert lab.log == ["do a", "do b", "do b", "do c"]


@pytest.mark.django_db
def test_who_resumed_and_why_is_in_the_history(lab: Lab) -> None:
    saga = stopped(lab)

    resume(saga, "ken", "the warehouse is back")

    row = saga.attempts.get(outcome="resumed")
    assert (row.actor, row.note, row.step) == ("ken", "the warehouse is back", "b")
    assert row.ended_at is not None
    assert outcomes(saga)[-2:] == [("b", "do", "failed"), ("b", "do", "resumed")]


@pytest.mark.django_db
def test_resuming_twice_resumes_once(lab: Lab) -> None:
    saga = stopped(lab)
    resume(saga, "ken", "first")

    with pytest.raises(NotResumable) as refusal:
        resume(Saga.objects.get(), "mio", "second")

    assert (refusal.value.reference, refusal.value.state) == ("R-1", "running")
    assert saga.attempts.filter(outcome="resumed").count() == 1
    assert Saga.objects.get().fence == saga.fence


@pytest.mark.django_db
def test_a_saga_that_is_done_is_not_resumed(lab: Lab) -> None:
    saga = lab.start(lab.local("a"))
    run(saga.pk)

    with pytest.raises(NotResumable):
        resume(saga, "ken", "why not")

    assert Saga.objects.get().state == State.DONE
    assert outcomes(saga) == [("a", "do", "ok")]


@pytest.mark.django_db
def test_a_page_that_is_out_of_date_resumes_nothing(lab: Lab) -> None:
    saga = stopped(lab)
    seen = saga.fence
    lab.plan("do b", ManualIntervention("look again"))
    resume(saga, "ken", "first", seen=seen)
    run(saga.pk)

    with pytest.raises(Changed) as refusal:
        resume(Saga.objects.get(), "mio", "from an old page", seen=seen)

    assert (refusal.value.state, refusal.value.step) == (State.FAILED, "b")
    saga.refresh_from_db()
    assert (saga.state, saga.error) == (State.FAILED, "look again")


@pytest.mark.django_db
def test_an_undo_that_failed_is_resumed_as_an_undo(lab: Lab) -> None:
    lab.plan("do a", Abort("no", "not_paid"))
    lab.plan("undo a", ManualIntervention("stuck"))
    saga = lab.start(lab.external("a"))
    run(saga.pk)

    resume(Saga.objects.get(), "ken", "unstuck")
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.reason) == (State.COMPENSATED, "not_paid")
    assert lab.log == ["do a", "undo a", "undo a"]


@pytest.mark.django_db
def test_a_resumed_saga_that_stops_again_calls_again(lab: Lab, clock: Clock) -> None:
    saga = stopped(lab)
    sweep()
    lab.plan("do b", ManualIntervention("again"))

    clock.shift(10)
    resume(saga, "ken", "try")
    sweep()
    assert lab.alerts == ["R-1 at b: look at this"]
    clock.shift(10)
    run(saga.pk)
    sweep()

    assert lab.alerts == ["R-1 at b: look at this", "R-1 at b: again"]


@pytest.mark.django_db
def test_a_resumed_saga_has_all_its_tries_again(lab: Lab, clock: Clock) -> None:
    lab.plan("do b", *(ValueError(str(n)) for n in range(3)))
    saga = lab.start(lab.external("a", pivot=True), lab.external("b"))
    for _try in range(3):
        run(saga.pk)
        clock.shift(60)
    resume(Saga.objects.get(), "ken", "fixed")
    lab.plan("do b", ValueError("once more"), ValueError("and again"))

    for _try in range(3):
        run(saga.pk)
        clock.shift(60)

    assert Saga.objects.get().state == State.DONE


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_twenty_people_who_press_at_once_one_resumes(lab: Lab) -> None:
    saga = stopped(lab)

    answers = run_together(
        range(20),
        lambda n: resume(Saga.objects.get(pk=saga.pk), f"clerk {n}", "", seen=1 + 1),
    )

    assert answers.count(None) == 1
    assert {type(error) for error in exceptions_in(answers)} == {NotResumable}
    assert saga.attempts.filter(outcome="resumed").count() == 1
    run(saga.pk)
    assert lab.log == ["do a", "do b", "do b", "do c"]
