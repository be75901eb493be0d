"""Cancelling with compensation, and what refuses it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from saga.engine import run
from saga.errors import (
    Abort,
    ActionRefused,
    Busy,
    Changed,
    Ended,
    GoingBack,
    ManualIntervention,
    PastPivot,
    Retry,
)
from saga.models import Direction, Saga, State
from saga.operations import cancel
from saga.results import Wait
from saga.step import Context
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.broker import DeadBroker
from tests.saga.lab import Lab, outcomes
from tests.saga.stopped import stopped_at_b
from tests.saga.tables import dump
from tests.support.threads import exceptions_in, run_together


@pytest.mark.django_db
def test_a_stopped_saga_is_undone_from_the_step_that_failed(lab: Lab) -> None:
    saga = stopped_at_b(lab, lab.external("b"))

    cancel(saga, "ken", "the customer called")
    assert (saga.state, saga.direction, saga.step) == ("compensating", "undo", "b")
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.reason) == (State.COMPENSATED, "staff")
    assert lab.log == ["do a", "do b", "undo b", "undo a"]
    row = saga.attempts.get(outcome="cancelled")
    assert (row.actor, row.note, row.step) == ("ken", "the customer called", "b")
    assert (saga.failed_at, saga.alert_wanted_at) == (None, None)


@pytest.mark.django_db
def test_a_waiting_saga_can_be_cancelled(lab: Lab) -> None:
    lab.plan("do b", Wait(timezone.now() + timedelta(hours=1), "the customer"))
    saga = lab.start(lab.external("a"), lab.external("b"))
    run(saga.pk)
    assert Saga.objects.get().state == State.WAITING

    cancel(saga, "ken", "")
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.COMPENSATED, "")
    assert lab.log == ["do a", "do b", "undo b", "undo a"]


@pytest.mark.django_db
def test_a_saga_between_two_tries_can_be_cancelled(lab: Lab) -> None:
    lab.plan("do b", Retry("not now"))
    saga = lab.start(lab.external("a"), lab.external("b"))
    run(saga.pk)

    cancel(saga, "ken", "")
    run(saga.pk)

    assert Saga.objects.get().state == State.COMPENSATED
    assert lab.log == ["do a", "do b", "undo b", "undo a"]


@pytest.mark.django_db
def test_a_saga_that_no_worker_has_touched_is_undone_like_any_other(lab: Lab) -> None:
    """What began before the saga (an order, say) is ended by its first step's undo."""
    saga = lab.start(lab.external("a"), lab.external("b"))

    cancel(saga, "ken", "")
    run(saga.pk)

    assert Saga.objects.get().state == State.COMPENSATED
    assert lab.log == ["undo a"]


@pytest.mark.django_db
def test_a_saga_with_nothing_to_undo_ends_at_once(lab: Lab) -> None:
    saga = lab.start(lab.external("a", undo=False))

    cancel(saga, "ken", "")

    assert saga.state == State.COMPENSATED
    assert saga.finished_at is not None


@pytest.mark.django_db
def test_after_the_pivot_it_is_refused_and_nothing_changes(lab: Lab) -> None:
    saga = stopped_at_b(lab, lab.external("b"), pivot=True)
    before = dump()

    with pytest.raises(PastPivot, match="past the point of no return"):
        cancel(saga, "ken", "")

    assert dump() == before


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.COMPENSATING, State.COMPENSATED])
def test_after_the_pivot_the_database_refuses_it_too(lab: Lab, state: State) -> None:
    saga = stopped_at_b(lab, lab.external("b"), pivot=True)

    with (
        pytest.raises(IntegrityError, match="saga_never_undone_after_pivot"),
        transaction.atomic(),
    ):
        Saga.objects.filter(pk=saga.pk).update(state=state, direction=Direction.UNDO)

    assert Saga.objects.get().state == State.FAILED


@pytest.mark.django_db
def test_what_a_worker_is_doing_is_not_raced(lab: Lab, clock: Clock) -> None:
    refusals: list[ActionRefused] = []

    def press(_context: Context) -> None:
        clock.shift(20)
        try:
            cancel(Saga.objects.get(), "ken", "")
        except ActionRefused as error:
            refusals.append(error)

    lab.plan("do a", press)
    saga = lab.start(lab.external("a"))
    run(saga.pk)

    assert [str(error) for error in refusals] == [
        "R-1 is running right now: try again in 40 seconds"
    ]
    assert Saga.objects.get().state == State.DONE


@pytest.mark.django_db
def test_a_saga_that_has_ended_or_goes_back_already_is_refused(lab: Lab) -> None:
    done = lab.start(lab.external("a", pivot=True))
    run(done.pk)
    with pytest.raises(Ended):
        cancel(done, "ken", "")

    lab.plan("do a", Abort("no", "not_paid"))
    lab.plan("undo a", ManualIntervention("stuck"))
    back = lab.start(lab.external("a"), reference="R-2")
    run(back.pk)
    before = dump()
    with pytest.raises(GoingBack):
        cancel(back, "ken", "")
    assert dump() == before


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_cancel_at_once_one_does(lab: Lab) -> None:
    saga = stopped_at_b(lab, lab.external("b"))
    fence = saga.fence

    answers = run_together(
        range(20),
        lambda n: cancel(Saga.objects.get(pk=saga.pk), f"{n}", "", seen=fence),
    )
    run(saga.pk)

    assert answers.count(None) == 1
    assert {type(error) for error in exceptions_in(answers)} <= {Changed, GoingBack}
    assert saga.attempts.filter(outcome="cancelled").count() == 1
    assert lab.log == ["do a", "do b", "undo b", "undo a"]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_staff_and_sweepers_at_once_either_finish_it_or_undo_it(
    lab: Lab, dead_broker: DeadBroker
) -> None:
    lab.plan("do b", Retry("not now"))
    saga = lab.start(lab.external("a"), lab.external("b"))
    run(saga.pk)
    long_ago = Saga.objects.get().created_at - timedelta(hours=1)
    # Sent in vain before: the sweepers run it themselves.
    Saga.objects.update(due_at=long_ago, sweep_at=long_ago, relaunches=3)

    def press(_pk: int) -> None:
        cancel(Saga.objects.get(), "ken", "")

    def look(_pk: int) -> None:
        sweep()

    answers = run_together([press, look, look, press], lambda act: act(saga.pk))
    run(saga.pk)

    assert {type(e) for e in exceptions_in(answers)} <= {
        Busy,
        Changed,
        Ended,
        GoingBack,
    }
    saga.refresh_from_db()
    cancelled = ("b", "do", "cancelled") in outcomes(saga)
    undone = ["do a", "do b", "undo b", "undo a"]
    expected = undone if cancelled else ["do a", "do b", "do b"]
    assert saga.state == (State.COMPENSATED if cancelled else State.DONE)
    assert lab.log == expected
