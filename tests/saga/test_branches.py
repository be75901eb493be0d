"""Branches beside the main path, forward: splitting off, failing alone, joining."""

from datetime import timedelta

import pytest
from django.utils import timezone

from saga.definition import Branch, Definition
from saga.engine import Result, run
from saga.errors import Abort, ManualIntervention, Retry
from saga.models import Saga, State
from saga.operations import mark_done, resume, skip, start
from saga.results import Wait
from saga.step import Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Lab, outcomes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

SIDE = (Branch("side", after="pay"),)


def steps(lab: Lab) -> tuple[Step, ...]:
    """Return a, pay (the pivot), ship; and from pay on, aside, mail and note."""
    return (
        lab.local("a"),
        lab.external("pay", pivot=True, undo=False),
        lab.external("ship", undo=False),
        lab.external("mail", undo=False, branch="side", skippable=True),
        lab.external("note", undo=False, branch="side"),
    )


def begin(lab: Lab) -> Saga:
    return start(lab.deploy(1, *steps(lab), branches=SIDE), "R-1")


def begun(lab: Lab) -> tuple[Saga, Saga]:
    """Return main path and branch, just split."""
    main_path = begin(lab)
    run(main_path.pk, link="a")
    run(main_path.pk, link="pay")
    return both()


def both() -> tuple[Saga, Saga]:
    return Saga.objects.get(branch=""), Saga.objects.get(branch="side")


def states() -> list[str]:
    return [saga.state for saga in both()]


def test_a_branch_splits_off_in_the_transaction_that_finishes_the_step(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do pay", {"charged": 5})

    main_path, side = begun(lab)

    assert (main_path.step, main_path.state) == ("ship", State.RUNNING)
    assert (side.step, side.state, side.parent) == ("mail", State.RUNNING, main_path)
    assert side.parent_step == "pay"
    assert side.output("pay") == {"charged": 5}
    assert side.pivot_at == main_path.pivot_at is not None


def test_before_the_split_there_is_no_branch(lab: Lab, clock: Clock) -> None:
    main_path = begin(lab)
    run(main_path.pk, link="a")

    assert Saga.objects.get() == main_path


def test_the_main_path_waits_for_its_branch_and_ends_with_it(
    lab: Lab, clock: Clock
) -> None:
    main_path, side = begun(lab)

    assert run(main_path.pk, link="ship") is Result.STOPPED
    assert states() == [State.JOINING, State.RUNNING]
    run(side.pk, link="mail")
    assert states() == [State.JOINING, State.RUNNING]
    run(side.pk, link="note")

    assert states() == [State.DONE, State.DONE]
    main_path, side = both()
    assert main_path.finished_at is not None
    assert main_path.waiting_for == ""
    assert outcomes(main_path) == [(step, "do", "ok") for step in ("a", "pay", "ship")]
    assert outcomes(side) == [(step, "do", "ok") for step in ("mail", "note")]


def test_a_branch_that_is_through_first_keeps_nobody_waiting(
    lab: Lab, clock: Clock
) -> None:
    main_path, side = begun(lab)

    run(side.pk)
    assert states() == [State.RUNNING, State.DONE]
    assert run(main_path.pk, link="ship") is Result.PASSED

    assert states() == [State.DONE, State.DONE]


def test_without_a_link_everything_is_run(lab: Lab, clock: Clock) -> None:
    main_path = begin(lab)

    assert run(main_path.pk) is Result.PASSED

    assert states() == [State.DONE, State.DONE]
    assert lab.log == ["do a", "do pay", "do ship", "do mail", "do note"]


def test_a_branch_that_stops_does_not_stop_the_main_path_and_has_its_own_alert(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do mail", ManualIntervention("no such address"))
    main_path = begin(lab)
    run(main_path.pk)
    clock.shift(3600)
    sweep()

    assert states() == [State.JOINING, State.FAILED]
    assert lab.alerts == ["R-1 at mail: no such address"]
    assert "do ship" in lab.log

    resume(both()[1], "ken", "mended")
    run(both()[1].pk)
    assert states() == [State.DONE, State.DONE]


def test_a_main_path_that_stops_does_not_stop_its_branch(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do ship", ManualIntervention("sold out"))
    main_path = begin(lab)
    run(main_path.pk)

    assert states() == [State.FAILED, State.DONE]

    resume(both()[0], "ken", "counted again")
    assert run(main_path.pk) is Result.PASSED
    assert states() == [State.DONE, State.DONE]


@pytest.mark.parametrize(
    "fault", [Abort("no", "no"), Abort("no", "no", nothing_taken=True)]
)
def test_a_branch_behind_the_pivot_is_never_undone(
    lab: Lab, clock: Clock, fault: Abort
) -> None:
    lab.plan("do mail", fault)
    main_path = begin(lab)

    run(main_path.pk)

    assert states() == [State.JOINING, State.FAILED]
    assert not any(act.startswith("undo") for act in lab.log)


def test_only_the_branch_is_tried_again(lab: Lab, clock: Clock) -> None:
    lab.plan("do mail", Retry("later"), Retry("later"))
    main_path = begin(lab)
    run(main_path.pk)
    for _round in range(3):
        clock.shift(61)
        sweep()
        run(both()[1].pk)

    assert states() == [State.DONE, State.DONE]
    assert lab.log.count("do mail") == 3
    assert lab.log.count("do ship") == 1


def test_the_main_path_is_not_run_again_by_whatever_comes_while_it_waits(
    lab: Lab, clock: Clock
) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    lab.plan("do mail", *[Wait(tomorrow, "x")] * 20)
    main_path = begin(lab)
    run(main_path.pk)

    for _time in range(5):
        lab.wake()
        run(main_path.pk, link="ship")
        clock.shift(400)
        sweep()

    assert both()[0].state == State.JOINING
    assert lab.log.count("do ship") == 1


def test_the_sweeper_joins_branches_that_nobody_joined(lab: Lab, clock: Clock) -> None:
    main_path, side = begun(lab)
    run(main_path.pk, link="ship")
    Saga.objects.filter(pk=side.pk).update(state=State.DONE)
    clock.shift(61)

    assert sweep().relaunched == 1

    assert both()[0].state == State.DONE


def test_a_branch_may_be_skipped_and_the_main_path_ends_with_it(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do mail", ManualIntervention("no such address"))
    begin(lab)
    run(Saga.objects.get().pk)

    skip(both()[1], "ken", "told by telephone")
    run(both()[1].pk)

    assert states() == [State.DONE, State.DONE]


def test_the_last_step_of_a_branch_marked_as_done_ends_the_main_path(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do mail", ManualIntervention("no such address"))
    only = lab.external("mail", undo=False, branch="side", prove=lambda _c: None)
    main_path = start(lab.deploy(1, *steps(lab)[:3], only, branches=SIDE), "R-1")
    run(main_path.pk)

    mark_done(both()[1], "ken", "sent by post")

    assert states() == [State.DONE, State.DONE]


def test_two_branches_are_waited_for_whichever_ends_last(
    lab: Lab, clock: Clock
) -> None:
    branches = (Branch("left", after="a"), Branch("right", after="a"))
    left, right = (lab.local(name, branch=name) for name in ("left", "right"))
    main_path = start(
        lab.deploy(1, lab.local("a"), lab.local("b"), left, right, branches=branches),
        "R-1",
    )
    run(main_path.pk, link="a")
    run(main_path.pk, link="b")
    sagas = {saga.branch: saga for saga in Saga.objects.filter(parent=main_path)}

    run(sagas["right"].pk)
    main_path.refresh_from_db()
    assert main_path.state == State.JOINING
    run(sagas["left"].pk)

    main_path.refresh_from_db()
    assert main_path.state == State.DONE


def test_a_branch_from_before_the_pivot_has_ended_before_the_pivot_begins(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do check", Retry("later"))
    lab.plan("do check", {"score": 7})
    main_path = start(
        lab.deploy(
            1,
            lab.local("a"),
            lab.external("check", branch="risk"),
            lab.external("pay", pivot=True, undo=False),
            branches=(Branch("risk", after="a"),),
        ),
        "R-1",
    )
    run(main_path.pk)

    main_path.refresh_from_db()
    assert (main_path.state, main_path.step) == (State.JOINING, "pay")
    assert lab.log == ["do a", "do check"]

    clock.shift(10)
    run(Saga.objects.get(branch="risk").pk)
    main_path.refresh_from_db()
    assert (main_path.state, main_path.step) == (State.RUNNING, "pay")
    # Behind the join the main path knows what its branch found out.
    assert main_path.output("check") == {"score": 7}
    assert run(main_path.pk) is Result.PASSED
    assert lab.log == ["do a", "do check", "do check", "do pay"]


@pytest.mark.parametrize(
    ("given", "branches"),
    [
        ({"branch": "nowhere"}, ()),
        ({"branch": "side"}, (Branch("side", after="b"),)),
        ({"branch": "side", "pivot": True}, (Branch("side", after="a"),)),
    ],
    ids=["no such branch", "splits off itself", "pivot aside"],
)
def test_impossible_branches_are_refused(
    lab: Lab, given: dict[str, object], branches: tuple[Branch, ...]
) -> None:
    with pytest.raises(ValueError, match="branch"):
        Definition("x", 1, (lab.local("a"), lab.local("b", **given)), dict, branches)
