"""A step that waits for the decision of a person."""

from datetime import timedelta

import pytest

from saga.diagram import page
from saga.engine import run
from saga.errors import (
    ActionRefused,
    ManualIntervention,
    NotAllowed,
    NothingToDecide,
    SecondPersonNeeded,
)
from saga.models import Callback, Saga, State
from saga.operations import Decider, cancel, decide, open_decision, resume
from saga.step import Approval
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Lab, outcomes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

MAY = "inventory.approve"
KEN = Decider("ken", lambda permission: permission == MAY)
ANN = Decider("ann", lambda permission: permission == MAY)
GUEST = Decider("guest", lambda _permission: False)


def begin(lab: Lab) -> Saga:
    """Start a, ask, z; ken asks, and so must not decide."""
    approval = Approval("Post it?", MAY, timedelta(days=1), lambda _context: "ken")
    return lab.start(
        lab.local("a"), lab.local("ask", approval=approval), lab.local("z")
    )


def waiting(lab: Lab) -> Saga:
    saga = begin(lab)
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "decision")
    return saga


def test_it_waits_alerts_staff_and_goes_on_when_approved(
    lab: Lab, clock: Clock
) -> None:
    saga = waiting(lab)
    sweep()
    assert lab.alerts == ["R-1 at ask: Post it?"]
    decision = open_decision(saga)
    assert decision is not None
    assert decision.asked_by == "ken"

    decide(saga, ANN, "counted twice", approved=True, seen=saga.fence)
    run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert lab.log == ["do a", "do ask", "do z"]
    assert [row[2] for row in outcomes(saga)] == [
        "ok",
        "waiting",
        "approved",
        "ok",
        "ok",
    ]
    by = saga.attempts.get(outcome="approved")
    assert (by.actor, by.note) == ("ann", "counted twice")


def test_declined_it_turns_back(lab: Lab) -> None:
    saga = waiting(lab)
    decide(saga, ANN, "count again", approved=False)
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.reason) == (State.COMPENSATED, "declined")
    assert lab.log == ["do a", "undo ask", "undo a"]


def test_at_the_deadline_it_turns_back(lab: Lab, clock: Clock) -> None:
    saga = waiting(lab)
    clock.shift(24 * 3600)
    with pytest.raises(NothingToDecide):
        decide(saga, ANN, "late", approved=True)
    sweep()
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.reason) == (State.COMPENSATED, "undecided")


@pytest.mark.parametrize(
    ("decider", "error"), [(KEN, SecondPersonNeeded), (GUEST, NotAllowed)]
)
def test_who_must_not_decide_is_refused_and_nothing_changes(
    lab: Lab, decider: Decider, error: type[ActionRefused]
) -> None:
    saga = waiting(lab)
    with pytest.raises(error):
        decide(saga, decider, "me", approved=True)
    before = saga.fence
    saga.refresh_from_db()
    assert (saga.state, saga.fence) == (State.WAITING, before)
    assert open_decision(saga) is not None


def test_of_two_deciders_one_decides(lab: Lab) -> None:
    saga = waiting(lab)
    seen = saga.fence
    decide(saga, ANN, "yes", approved=True, seen=seen)
    for approved in (True, False):
        with pytest.raises(ActionRefused):
            decide(saga, ANN, "again", approved=approved, seen=seen)
    run(saga.pk)
    saga.refresh_from_db()
    assert saga.state == State.DONE


def test_a_wake_up_decides_nothing(lab: Lab) -> None:
    saga = waiting(lab)
    lab.wake()
    run(saga.pk)
    saga.refresh_from_db()
    assert saga.state == State.WAITING
    assert saga.callbacks.count() == 1


def test_what_fails_after_the_decision_is_resumed_without_another(
    lab: Lab,
) -> None:
    lab.plan("do ask", ManualIntervention("look"))
    saga = waiting(lab)
    decide(saga, ANN, "yes", approved=True)
    run(saga.pk)
    saga.refresh_from_db()
    assert saga.state == State.FAILED

    resume(saga, "ken", "mended")
    run(saga.pk)
    saga.refresh_from_db()
    assert saga.state == State.DONE


def test_a_cancelled_saga_asks_nothing_any_more(lab: Lab) -> None:
    saga = waiting(lab)
    cancel(saga, "ken", "not wanted")
    assert open_decision(saga) is None
    with pytest.raises(ActionRefused):
        decide(saga, ANN, "yes", approved=True)


def test_the_diagram_shows_who_decides(lab: Lab) -> None:
    begin(lab)
    assert lab.definition is not None
    text = page(lab.definition)
    assert '    ask{{"ask"}}' in text
    assert "decided with `inventory.approve`" in text


@pytest.mark.parametrize("decided", [True, False])
def test_a_step_that_was_renamed_keeps_its_question(lab: Lab, decided: bool) -> None:
    saga = waiting(lab)
    if decided:
        decide(saga, ANN, "counted twice", approved=True)
    approval = Approval("Post it?", MAY, timedelta(days=1), lambda _context: "ken")
    confirm = lab.local("confirm", aliases=("ask",), approval=approval)
    lab.deploy(2, lab.local("a"), confirm, lab.local("z"))
    if not decided:
        lab.wake()
        run(saga.pk)
        decide(saga, ANN, "counted twice", approved=True)
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.version) == (State.DONE, 2)
    assert Callback.objects.count() == 1


def test_nobody_is_asked_behind_the_pivot(lab: Lab) -> None:
    approval = Approval("Post it?", MAY, timedelta(days=1))
    steps = lab.external("pay", pivot=True), lab.local("ask", approval=approval)
    with pytest.raises(ValueError, match="behind the pivot"):
        lab.deploy(1, *steps)
