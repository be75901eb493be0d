"""Branches before the pivot, backward: all turn back, the last begun first."""

import pytest

from saga.definition import Branch
from saga.engine import run
from saga.errors import Abort, ManualIntervention, NotAlone, ResumeForward, Retry
from saga.models import ENDED, Saga, State
from saga.operations import cancel, resume, start
from saga.results import PivotPassed
from saga.step import Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Lab, outcomes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

BRANCHES = (Branch("left", after="a"), Branch("right", after="a"))
REFUSED = Abort("sold out", "sold_out")
UNCHARGED = Abort("card refused", "not_paid", nothing_taken=True)


def steps(lab: Lab) -> tuple[Step, ...]:
    """Return a, b, pay; beside b, l1 and l2, and r1."""
    return (
        lab.local("a"),
        lab.external("b"),
        lab.external("pay", pivot=True, undo=False),
        lab.local("l1", branch="left"),
        lab.external("l2", branch="left"),
        lab.external("r1", branch="right"),
    )


def begin(lab: Lab) -> Saga:
    return start(lab.deploy(1, *steps(lab), branches=BRANCHES), "R-1")


def row(branch: str = "") -> Saga:
    return Saga.objects.get(branch=branch)


def states() -> dict[str, str]:
    return dict(Saga.objects.values_list("branch", "state"))


def undos(lab: Lab) -> list[str]:
    return [act.split()[1] for act in lab.log if act.startswith("undo")]


def go_on(clock: Clock, sweeps: int = 6) -> None:
    for _sweep in range(sweeps):
        clock.shift(61)
        sweep()
        for saga in Saga.objects.live():
            run(saga.pk)


ALL_UNDONE = {"": "compensated", "left": "compensated", "right": "compensated"}


def test_when_the_main_path_aborts_its_branches_are_undone_first_the_last_one_first(
    lab: Lab, clock: Clock
) -> None:
    main_path = begin(lab)
    run(main_path.pk, link="a")
    run(row("left").pk)
    run(row("right").pk)
    lab.plan("do b", REFUSED)

    run(main_path.pk)

    assert states() == ALL_UNDONE
    assert undos(lab) == ["r1", "l2", "l1", "b", "a"]
    assert {saga.reason for saga in Saga.objects.all()} == {"sold_out"}
    assert ("l2", "do", "turned") in outcomes(row("left"))


def test_what_a_branch_has_not_begun_is_not_undone(lab: Lab, clock: Clock) -> None:
    main_path = begin(lab)
    run(main_path.pk, link="a")
    run(row("left").pk, link="l1")
    lab.plan("do b", REFUSED)

    run(main_path.pk)
    go_on(clock)

    assert states() == ALL_UNDONE
    assert undos(lab) == ["l1", "b", "a"]


@pytest.mark.parametrize("fault", [REFUSED, Retry("never")], ids=["no", "tries"])
def test_a_branch_that_aborts_turns_the_main_path_and_all_branches_back(
    lab: Lab, clock: Clock, fault: Exception
) -> None:
    lab.plan("do l2", *[fault] * 3)
    main_path = begin(lab)

    run(main_path.pk)
    go_on(clock)

    assert states() == ALL_UNDONE
    assert undos(lab) == ["r1", "l2", "l1", "b", "a"]
    expected = "sold_out" if fault is REFUSED else "technical"
    assert row().reason == expected


def test_a_worker_at_the_main_path_ends_its_call_before_anything_turns_back(
    lab: Lab, clock: Clock
) -> None:
    def meanwhile(_context: object) -> None:
        lab.plan("do l1", REFUSED)
        run(row("left").pk)
        assert states() == {"": "running", "left": "joining", "right": "running"}
        assert undos(lab) == []

    main_path = begin(lab)
    run(main_path.pk, link="a")
    lab.plan("do b", meanwhile)

    run(main_path.pk, link="b")
    go_on(clock)

    assert states() == ALL_UNDONE
    assert undos(lab)[-2:] == ["b", "a"]


def test_a_worker_at_a_branch_ends_its_call_before_it_is_undone(
    lab: Lab, clock: Clock
) -> None:
    def meanwhile(_context: object) -> None:
        lab.plan("do b", REFUSED)
        run(row().pk)
        # The other one has gone; this one is waited for.
        assert states() == {"": "joining", "left": "running", "right": "compensated"}
        assert "l2" not in undos(lab)

    main_path = begin(lab)
    run(main_path.pk, link="a")
    run(row("right").pk)
    lab.plan("do l2", meanwhile)

    run(row("left").pk)
    go_on(clock)

    assert states() == ALL_UNDONE
    assert undos(lab) == ["r1", "l2", "l1", "b", "a"]


def test_a_worker_that_dies_at_a_turned_branch_is_waited_for_no_longer_than_its_lease(
    lab: Lab, clock: Clock
) -> None:
    class Died(BaseException):
        pass

    main_path = begin(lab)
    run(main_path.pk, link="a")
    lab.plan("do r1", Died())
    with pytest.raises(Died):
        run(row("right").pk)
    lab.plan("do b", REFUSED)
    run(main_path.pk)
    assert states()["right"] == "running"

    go_on(clock)

    assert states() == ALL_UNDONE
    assert undos(lab)[0] == "r1"


def test_a_branch_that_stopped_is_undone_as_well(lab: Lab, clock: Clock) -> None:
    lab.plan("do l2", ManualIntervention("look"))
    main_path = begin(lab)
    run(main_path.pk, link="a")
    run(row("left").pk)
    lab.plan("do b", REFUSED)

    run(main_path.pk)
    go_on(clock)

    assert states() == ALL_UNDONE
    assert row("left").alert_wanted_at is None


def test_an_undo_of_a_branch_that_stops_keeps_the_main_path_until_it_is_resumed(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do pay", UNCHARGED)
    lab.plan("undo l1", ManualIntervention("look"))
    main_path = begin(lab)

    run(main_path.pk)
    go_on(clock)

    assert states() == {"": "joining", "left": "failed", "right": "compensated"}
    assert undos(lab) == ["r1", "l2", "l1"]
    assert lab.alerts == ["R-1 at l1: look"]

    resume(row("left"), "ken", "mended")
    go_on(clock)
    assert states() == ALL_UNDONE
    assert undos(lab) == ["r1", "l2", "l1", "l1", "b", "a"]


@pytest.mark.parametrize("waits", [True, False], ids=["joining", "at b"])
def test_cancelling_undoes_the_main_path_and_all_branches(
    lab: Lab, clock: Clock, waits: bool
) -> None:
    lab.plan("do r1", Retry("later"))
    main_path = begin(lab)
    run(main_path.pk, link="a")
    run(row("left").pk)
    run(row("right").pk)
    if waits:
        run(main_path.pk, link="b")
        assert row().state == State.JOINING

    cancel(row(), "ken", "changed their mind")
    go_on(clock)

    assert states() == ALL_UNDONE
    assert undos(lab) == ["r1", "l2", "l1", *(["b"] if waits else []), "a"]


def test_a_main_path_whose_branch_aborts_meanwhile_does_no_step_ahead(
    lab: Lab, clock: Clock
) -> None:
    def meanwhile(_context: object) -> None:
        lab.plan("do l", REFUSED)
        run(row("left").pk)

    definition = lab.deploy(
        1,
        lab.local("a"),
        lab.external("b"),
        lab.local("c"),
        lab.external("pay", pivot=True, undo=False),
        lab.external("l", branch="left"),
        branches=(Branch("left", after="a"),),
    )
    main_path = start(definition, "R-1")
    run(main_path.pk, link="a")
    lab.plan("do b", meanwhile)

    run(main_path.pk)
    go_on(clock)

    assert states() == {"": "compensated", "left": "compensated"}
    assert "do c" not in lab.log
    assert undos(lab) == ["l", "b", "a"]


def test_a_branch_ends_before_the_pivot_s_step_if_the_pivot_was_passed_before(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do a", PivotPassed({}))
    definition = lab.deploy(
        1,
        lab.external("a"),
        lab.external("pay", pivot=True),
        lab.external("l", branch="left"),
        branches=(Branch("left", after="a"),),
    )
    main_path = start(definition, "R-1")

    run(main_path.pk)

    assert lab.log == ["do a", "do l", "do pay"]
    assert states() == {"": "done", "left": "done"}


def test_a_branch_is_not_cancelled_by_itself(lab: Lab, clock: Clock) -> None:
    run(begin(lab).pk, link="a")

    with pytest.raises(NotAlone):
        cancel(row("left"), "ken", "")

    assert states() == {"": "running", "left": "running", "right": "running"}


def test_a_saga_that_goes_forward_again_does_its_branches_again(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do pay", UNCHARGED)
    lab.plan("undo b", ResumeForward("it was charged after all", "pay"))
    main_path = begin(lab)

    run(main_path.pk)
    go_on(clock)

    assert states() == {"": "done", "left": "done", "right": "done"}
    assert undos(lab) == ["r1", "l2", "l1", "b"]
    assert lab.log.count("do l1") == lab.log.count("do r1") == 2
    assert all(saga.pivot_at for saga in Saga.objects.all())


@pytest.mark.parametrize(("step", "is_possible"), [("a", False), ("b", True)])
def test_a_saga_goes_forward_again_only_where_its_branches_begin_again_behind_it(
    lab: Lab, clock: Clock, step: str, is_possible: bool
) -> None:
    lab.plan("do pay", UNCHARGED)
    lab.plan("undo b", ResumeForward("it was charged after all", step))
    main_path = begin(lab)

    run(main_path.pk)
    go_on(clock)

    if is_possible:
        assert states() == {"": "done", "left": "done", "right": "done"}
        return
    # Going forward from a would begin the branches a second time.
    assert states() == {"": "failed", "left": "compensated", "right": "compensated"}
    assert (row().direction, row().pivot_at) == ("undo", None)
    assert "goes forward again, but" in row().error
    assert lab.alerts == [f"R-1 at b: {row().error}"]


def test_a_saga_with_branches_ends_whatever_stops_it(lab: Lab, clock: Clock) -> None:
    for number, act in enumerate(("do a", "do b", "do l1", "do l2", "do r1")):
        lab.plan(act, REFUSED)
        saga = start(lab.deploy(1, *steps(lab), branches=BRANCHES), f"N-{number}")
        run(saga.pk)
    go_on(clock)

    assert all(saga.state in ENDED for saga in Saga.objects.all())
    assert set(Saga.objects.values_list("state", flat=True)) == {State.COMPENSATED}
