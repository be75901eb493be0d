"""Guards: what is written rests on the row as it was read, not on a lock alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from saga import branches, claims, compensation, sweeper
from saga.claims import claim
from saga.definition import Branch
from saga.engine import run
from saga.errors import Busy, Changed, LostClaim, Retry
from saga.execution import Execution
from saga.models import Attempt, Saga, State
from saga.operations import actions, start
from saga.results import Wait
from tests.conftest import Clock
from tests.saga.lab import Lab
from tests.saga.tables import dump

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

LEASE = timedelta(seconds=60)


def two_claimed(lab: Lab) -> list[Saga]:
    """Return two sagas that this process has claimed, both for the first time."""
    steps = (lab.external("a"), lab.external("b"))
    sagas = [lab.start(*steps, reference=f"R-{number}") for number in (1, 2)]
    claimed = [claim(saga, LEASE) for saga in sagas]
    return [saga for saga in claimed if saga]


@pytest.mark.parametrize(
    "changes",
    [{"fence": 2}, {"claimed_by": "another:1"}, {"claimed_by": ""}],
    ids=["claimed again", "by another", "given back"],
)
def test_only_who_holds_the_claim_moves_the_saga(
    lab: Lab, changes: dict[str, Any]
) -> None:
    held, _other = two_claimed(lab)
    Saga.objects.update(**changes)
    before = dump()

    with pytest.raises(LostClaim, match="R-1: a was taken over"):
        claims.move(held, {"step": "b"})
    with pytest.raises(LostClaim, match="R-1: a was taken over"):
        claims.move_and_return(held, {"step": "b"})

    assert dump() == before


def test_a_move_ends_the_claim_and_touches_no_other_saga(lab: Lab) -> None:
    held, other = two_claimed(lab)

    claims.move(held, {"step": "b"})

    moved = Saga.objects.get(pk=held.pk)
    assert (moved.step, moved.claimed_by, moved.fence) == ("b", "", 1)
    left = Saga.objects.get(pk=other.pk)
    assert (left.step, left.claimed_by) == ("a", other.claimed_by)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"fence": 9}, Changed),
        # A wake-up, and a wait whose time is up, do not raise the fence.
        ({"state": State.WAITING}, Changed),
        ({"step": "b"}, Changed),
        ({"claimed_by": "another:1"}, Busy),
    ],
)
def test_an_action_of_staff_rests_on_the_saga_as_it_was_read(
    lab: Lab, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    saga = lab.start(lab.external("a"), lab.external("b"))
    as_read = Saga.objects.get()
    Saga.objects.update(**changes)
    before = dump()
    entry: actions.Entry = {"outcome": Attempt.Outcome.RESUMED, "actor": "ken"}

    with pytest.raises(refusal):
        actions.write(saga, as_read, actions.restarted(), entry)

    assert dump() == before


def test_an_action_of_staff_touches_no_other_saga(lab: Lab) -> None:
    steps = (lab.external("a"), lab.external("b"))
    saga, other = (lab.start(*steps, reference=f"R-{n}") for n in (1, 2))
    entry: actions.Entry = {"outcome": Attempt.Outcome.SKIPPED, "actor": "ken"}

    actions.write(saga, Saga.objects.get(pk=saga.pk), {"step": "b"}, entry)

    assert (saga.step, saga.fence) == ("b", 1)
    other.refresh_from_db()
    assert (other.step, other.fence) == ("a", 0)


def test_a_lease_that_has_run_out_is_waited_for_a_second_at_least(
    lab: Lab, clock: Clock
) -> None:
    held, _other = two_claimed(lab)
    clock.shift(61)

    with pytest.raises(Busy) as refusal:
        actions.read(held, None)

    assert refusal.value.seconds == 1


def joining(lab: Lab) -> Saga:
    """Return a main path that waits for its branch, which has just ended."""
    branch = Branch("beside", after="a")
    steps = (lab.local("a"), lab.external("b", branch="beside"))
    lab.plan("do b", Retry("later"))
    main_path = start(lab.deploy(1, *steps, branches=[branch]), "R-1")
    run(main_path.pk, link="a")
    main_path.refresh_from_db()
    assert main_path.state == State.JOINING
    Saga.objects.filter(branch="beside").update(state=State.DONE)
    return main_path


@pytest.mark.parametrize(
    "changes", [{"fence": 9}, {"state": State.RUNNING}], ids=["fence", "state"]
)
def test_branches_are_joined_once(lab: Lab, changes: dict[str, Any]) -> None:
    as_read = joining(lab)
    Saga.objects.filter(pk=as_read.pk).update(**changes)
    before = dump()
    assert lab.definition is not None

    branches.join(Execution(as_read, lab.definition))

    assert dump() == before


@pytest.mark.parametrize(
    "changes", [{"fence": 9}, {"claimed_by": "another:1"}], ids=["fence", "claim"]
)
def test_no_saga_is_turned_back_under_a_worker(
    lab: Lab, changes: dict[str, Any]
) -> None:
    lab.start(lab.external("a"))
    as_read = Saga.objects.get()
    Saga.objects.update(**changes)
    before = dump()

    compensation._write(as_read, {"state": State.COMPENSATING})

    assert dump() == before


NOW = timezone.now()
LATER = NOW + timedelta(days=9000)


@pytest.mark.parametrize(
    "changes",
    [{"fence": 9}, {"sweep_at": LATER}, {"state": State.DONE}],
    ids=["claimed since", "relaunched since", "ended since"],
)
def test_a_sweeper_leaves_alone_what_has_moved_on(
    lab: Lab, changes: dict[str, Any]
) -> None:
    lab.start(lab.external("a"))
    as_read = Saga.objects.get()
    Saga.objects.update(**changes)
    before = dump()
    done = sweeper.Sweep()

    sweeper._sweep_one(as_read, LATER - timedelta(days=1), done)

    assert dump() == before
    assert done == sweeper.Sweep()


def test_a_sweeper_ends_only_a_wait_whose_time_is_up(lab: Lab, clock: Clock) -> None:
    until = timezone.now() + timedelta(seconds=60)
    lab.plan("do a", Wait(until, "card"), Wait(until, "card"))
    steps = (lab.external("a"), lab.external("b"))
    first, second = (lab.start(*steps, reference=f"R-{n}") for n in (1, 2))
    run(first.pk)
    run(second.pk)
    # Swept before its time, as after a change of the deadline.
    Saga.objects.filter(pk=first.pk).update(sweep_at=timezone.now())

    assert sweeper.sweep().relaunched == 1
    states = Saga.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.WAITING, State.WAITING]

    clock.shift(60)
    as_read = Saga.objects.get(pk=second.pk)
    sweeper._sweep_one(as_read, timezone.now(), sweeper.Sweep())
    assert list(states.all()) == [State.WAITING, State.RUNNING]
