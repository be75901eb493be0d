"""Claims: races, zombies, workers that die."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from inventory.models import Movement
from inventory.services import receive
from saga import transitions
from saga.claims import claim, take
from saga.engine import Result, run
from saga.errors import Abort, LostClaim, ManualIntervention, Retry
from saga.execution import Execution
from saga.models import Saga, State
from saga.processes import own_name
from saga.results import Wait
from saga.step import Context, Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import POLICY, Lab, outcomes
from tests.saga.tables import dump
from tests.support.threads import exceptions_in, run_together

LEASE = timedelta(seconds=60)


def leave_a_mark(context: Context) -> None:
    """Have an effect that can be counted: one line in the ledger a fence."""
    receive("MARK", 1, f"{context.step.name}-{context.saga.fence}")


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["local", "external"])
def test_of_twenty_runners_one_does_each_step(lab: Lab, kind: str) -> None:
    def make(name: str) -> Step:
        return lab.local(name) if kind == "local" else lab.external(name)

    for name in ("a", "b"):
        lab.plan(f"do {name}", leave_a_mark)
    saga = lab.start(make("a"), make("b"))

    assert exceptions_in(run_together(range(20), lambda _runner: run(saga.pk))) == []

    saga.refresh_from_db()
    assert lab.log == ["do a", "do b"]
    assert Movement.objects.count() == 2
    assert (saga.state, saga.fence) == (State.DONE, 2)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_twenty_claims_one_gets_the_step(lab: Lab) -> None:
    saga = lab.start(lab.external("a"))

    answers = run_together(range(20), lambda _n: claim(saga, LEASE))

    won = [answer for answer in answers if isinstance(answer, Saga)]
    assert [row.fence for row in won] == [1]
    assert answers.count(None) == 19


@pytest.mark.django_db
def test_a_claim_lasts_as_long_as_its_lease(lab: Lab, clock: Clock) -> None:
    saga = lab.start(lab.external("a"))
    first = claim(saga, LEASE)
    assert first is not None

    clock.shift(59)
    assert claim(first, LEASE) is None
    clock.shift(1)
    again = claim(first, LEASE)

    assert again is not None
    assert (again.fence, again.attempt, again.pivot_at) == (2, 2, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"step": "b"},
        {"state": State.WAITING},
        {"state": State.DONE},
        {"due_at": timezone.now() + timedelta(days=9000)},
        {"fence": 1},
        {"claimed_by": "another:1"},
    ],
    ids=["moved on", "waiting", "done", "due later", "tried since", "claimed since"],
)
def test_what_has_moved_on_is_not_claimed(lab: Lab, changes: dict[str, Any]) -> None:
    saga = lab.start(lab.external("a"), lab.external("b"))
    Saga.objects.update(**changes)
    before = dump()

    assert claim(saga, LEASE) is None

    assert dump() == before


@pytest.mark.both_databases
@pytest.mark.django_db
def test_a_claim_that_was_given_back_since_it_was_read_is_not_taken_over(
    lab: Lab, clock: Clock
) -> None:
    assert claim(lab.start(lab.external("a")), LEASE) is not None
    clock.shift(61)
    as_read = Saga.objects.get()
    # As the sweeper leaves it when it has counted the try as lost.
    Saga.objects.update(claimed_by="")

    assert take(as_read, LEASE) is None

    assert not as_read.attempts.exists()


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize("pivot", [False, True])
def test_a_claim_says_who_has_the_step_since_when_and_until_when(
    lab: Lab, clock: Clock, *, pivot: bool
) -> None:
    saga = lab.start(lab.external("a"))
    Saga.objects.update(waiting_for="the bank", attempt=1)
    clock.shift(10)

    claimed = claim(saga, LEASE, pivot=pivot)

    assert claimed is not None
    assert claimed == Saga.objects.get()
    assert (claimed.fence, claimed.attempt, claimed.waiting_for) == (1, 2, "")
    assert claimed.claimed_by == own_name()
    assert claimed.claimed_at == timezone.now()
    assert claimed.due_at == claimed.sweep_at == timezone.now() + LEASE
    assert claimed.pivot_at == (timezone.now() if pivot else None)


@pytest.mark.both_databases
@pytest.mark.django_db
def test_the_pivot_keeps_the_time_at_which_it_was_passed_first(
    lab: Lab, clock: Clock
) -> None:
    saga = lab.start(lab.external("a"))
    first = claim(saga, LEASE, pivot=True)
    assert first is not None
    clock.shift(61)

    again = claim(first, LEASE, pivot=True)

    assert again is not None
    assert again.pivot_at == first.pivot_at


def taken_over(context: Context) -> None:
    """Let another worker claim the step while this one still does it."""
    Saga.objects.update(due_at=timezone.now())
    assert claim(context.saga, LEASE) is not None


def succeed(_context: Context) -> dict[str, bool]:
    return {"by zombie": True}


def raise_this(error: Exception) -> Callable[[Context], None]:
    def act(_context: Context) -> None:
        raise error

    return act


@pytest.mark.django_db
@pytest.mark.parametrize(
    "then",
    [
        succeed,
        lambda _context: Wait(timezone.now() + LEASE, "card"),
        raise_this(Retry("later")),
        raise_this(Abort("no", "not_paid")),
        raise_this(ManualIntervention("look")),
    ],
    ids=["success", "wait", "retry", "give up", "person"],
)
def test_a_worker_that_was_overtaken_writes_nothing(
    lab: Lab, then: Callable[[Context], object]
) -> None:
    def be_overtaken(context: Context) -> object:
        taken_over(context)
        return then(context)

    lab.plan("do a", be_overtaken)
    saga = lab.start(lab.external("a"), lab.local("b"))

    assert run(saga.pk) is Result.STOPPED

    saga.refresh_from_db()
    assert (saga.state, saga.step, saga.fence) == (State.RUNNING, "a", 2)
    assert (saga.data, saga.error) == ({}, "")
    assert saga.claimed_by != ""
    assert lab.log == ["do a"]


@pytest.mark.django_db
def test_the_recording_of_an_overtaken_worker_is_rolled_back(lab: Lab) -> None:
    saga = lab.start(
        lab.external("a", record=lambda context, _answer: leave_a_mark(context))
    )
    lab.plan("do a", taken_over)

    run(saga.pk)

    assert not Movement.objects.exists()


@pytest.mark.django_db
def test_a_checkpoint_writes_and_renews_the_lease(lab: Lab, clock: Clock) -> None:
    def work_on(context: Context) -> None:
        clock.shift(50)
        with context.checkpoint():
            leave_a_mark(context)
        due.append(Saga.objects.get().due_at - timezone.now())

    due: list[timedelta] = []
    lab.plan("do a", work_on)
    saga = lab.start(lab.external("a"))

    assert run(saga.pk) is Result.PASSED

    assert due == [LEASE]
    assert Movement.objects.count() == 1


@pytest.mark.django_db
def test_a_checkpoint_of_an_overtaken_worker_writes_nothing(lab: Lab) -> None:
    def work_on(context: Context) -> None:
        taken_over(context)
        with context.checkpoint():
            leave_a_mark(context)

    lab.plan("do a", work_on)
    saga = lab.start(lab.external("a"))

    assert run(saga.pk) is Result.STOPPED

    assert not Movement.objects.exists()


def be_counted_as_lost(clock: Clock) -> Callable[[Context], None]:
    def act(_context: Context) -> None:
        clock.shift(61)
        sweep()

    return act


@pytest.mark.django_db
def test_a_worker_that_was_counted_as_lost_writes_nothing(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do a", be_counted_as_lost(clock))
    saga = lab.start(lab.external("a"), lab.local("b"))

    assert run(saga.pk) is Result.STOPPED

    saga.refresh_from_db()
    assert (saga.step, saga.claimed_by) == ("a", "")
    assert outcomes(saga) == [("a", "do", "lost")]
    assert run(saga.pk) is Result.PASSED
    assert lab.log == ["do a", "do a", "do b"]


@pytest.mark.django_db
def test_a_slow_worker_does_not_disturb_what_is_being_undone_since(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do a", Retry("1"), Retry("2"), be_counted_as_lost(clock))
    saga = lab.start(lab.external("z"), lab.external("a"), lab.local("b"))

    for _try in range(3):
        run(saga.pk)
        clock.shift(60)

    saga.refresh_from_db()
    assert (saga.state, saga.step) == (State.COMPENSATING, "a")
    run(saga.pk)
    assert Saga.objects.get().state == State.COMPENSATED
    assert lab.log == ["do z", *["do a"] * 3, "undo a", "undo z"]


@pytest.mark.django_db
def test_a_slow_worker_does_not_disturb_what_waits_for_a_person(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do pay", Retry("1"), Retry("2"), be_counted_as_lost(clock))
    saga = lab.start(lab.external("pay", pivot=True), lab.local("b"))

    for _try in range(3):
        run(saga.pk)
        clock.shift(60)

    saga.refresh_from_db()
    assert (saga.state, saga.step, saga.attempt) == (State.FAILED, "pay", 3)
    assert "did not finish pay in time" in saga.error
    assert saga.alert_wanted_at is not None


@pytest.mark.django_db
def test_a_sweeper_that_looked_too_early_does_not_undo_what_has_finished(
    lab: Lab, clock: Clock
) -> None:
    seen: list[Saga] = []
    lab.plan("do a", lambda _context: seen.append(Saga.objects.get()))
    saga = lab.start(lab.external("a"))
    run(saga.pk)
    assert lab.definition is not None
    Saga.objects.update(due_at=timezone.now())
    seen[0].attempt = 3

    with pytest.raises(LostClaim):
        transitions.count_lost(Execution(seen[0], lab.definition), timezone.now())

    saga.refresh_from_db()
    assert (saga.state, saga.error) == (State.DONE, "")


@pytest.mark.django_db
def test_a_renewed_lease_is_not_counted_as_lost(lab: Lab, clock: Clock) -> None:
    def work_on(context: Context) -> None:
        clock.shift(61)
        with context.checkpoint():
            pass
        assert lab.definition is not None
        with pytest.raises(LostClaim):
            transitions.count_lost(
                Execution(context.saga, lab.definition), timezone.now()
            )

    lab.plan("do a", work_on)
    saga = lab.start(lab.external("a"))

    assert run(saga.pk) is Result.PASSED


@pytest.mark.both_databases
@pytest.mark.django_db
def test_a_lost_try_is_counted_by_its_own_lease_and_leaves_other_sagas_alone(
    lab: Lab, clock: Clock
) -> None:
    sagas = [lab.start(lab.external("a"), reference=f"R-{n}") for n in (1, 2)]
    held = [claim(saga, LEASE) for saga in sagas]
    assert held[0] is not None
    assert lab.definition is not None
    clock.shift(61)
    Saga.objects.filter(reference="R-2").update(relaunches=2)
    bystander = Saga.objects.filter(reference="R-2").values()
    before = list(bystander.all())
    execution = Execution(held[0], lab.definition)

    Saga.objects.filter(reference="R-1").update(due_at=timezone.now() + LEASE)
    with pytest.raises(LostClaim):
        transitions.count_lost(execution, timezone.now())
    Saga.objects.filter(reference="R-1").update(due_at=timezone.now())
    transitions.count_lost(execution, timezone.now())

    assert list(bystander.all()) == before
    lost = Saga.objects.get(reference="R-1")
    assert (lost.claimed_by, lost.attempt, lost.relaunches) == ("", 1, 0)
    assert outcomes(lost) == [("a", "do", "lost")]


def test_what_died_together_is_spread_over_ten_pauses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def extreme(which: int) -> timedelta:
        monkeypatch.setattr(random, "uniform", lambda *bounds: bounds[which])
        return transitions._apart(POLICY, 2)

    assert (extreme(0), extreme(1)) == (timedelta(0), timedelta(seconds=200))


@pytest.mark.django_db
def test_a_message_that_comes_before_the_sweeper_closes_the_lost_try(
    lab: Lab, clock: Clock
) -> None:
    saga = lab.start(lab.external("a"))
    assert claim(saga, LEASE) is not None
    clock.shift(61)

    assert run(saga.pk) is Result.PASSED

    assert outcomes(saga) == [("a", "do", "lost"), ("a", "do", "ok")]
