"""A step that starts a saga of its own and waits for its end."""

from collections.abc import Iterator
from typing import Any

import pytest

from saga import definition as definitions
from saga.definition import Definition, register
from saga.engine import run
from saga.errors import Abort, ManualIntervention, PastPivot
from saga.models import Saga, State
from saga.operations import cancel, resume
from saga.results import StartChild
from saga.step import Context, Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Lab

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

REFUSED = Abort("no van", "no_van")


@pytest.fixture(autouse=True)
def _errand_is_forgotten() -> Iterator[None]:
    yield
    definitions._definitions.pop("errand", None)


def send_child(context: Context) -> Any:
    child = context.child
    if child is None or child.state == State.COMPENSATED:
        number = 1 if child is None else 2
        return StartChild("errand", f"{context.reference}-{number}", {"size": 3})
    return {"brought": child.output("c2")}


def begin(lab: Lab, *errand: Step, pivot: bool = False) -> Saga:
    """Start a, s (which starts an errand), z; the errand is c1, c2 or as given."""
    steps = errand or (lab.local("c1"), lab.external("c2", pivot=pivot))
    register(Definition("errand", 1, steps, lambda: lab.channels))
    lab.plan("do s", *[send_child] * 9)
    return lab.start(lab.local("a"), lab.local("s"), lab.local("z"))


def both() -> tuple[Saga, Saga]:
    return (
        Saga.objects.get(definition="artificial"),
        Saga.objects.filter(definition="errand").latest("pk"),
    )


def states() -> tuple[str, ...]:
    return tuple(saga.state for saga in both())


def go_on(clock: Clock) -> None:
    for _round in range(4):
        clock.shift(61)
        sweep()
        for saga in Saga.objects.live():
            run(saga.pk)


def test_the_step_goes_on_with_what_its_child_brought(lab: Lab, clock: Clock) -> None:
    lab.plan("do c2", lambda c: {"size": c.input("size", 0)})

    saga = begin(lab)
    run(saga.pk)

    parent, child = both()
    assert states() == (State.DONE, State.DONE)
    assert parent.output("s") == {"brought": {"size": 3}}
    assert (child.parent, child.parent_step, child.reference) == (parent, "s", "R-1-1")
    assert lab.log == ["do a", "do s", "do c1", "do c2", "do s", "do z"]


def test_meanwhile_the_parent_waits_whatever_comes(lab: Lab, clock: Clock) -> None:
    lab.plan("do c2", ManualIntervention("look"))
    saga = begin(lab)
    run(saga.pk)

    for _time in range(3):
        lab.wake()
        go_on(clock)
    assert states() == (State.JOINING, State.FAILED)
    assert lab.alerts == ["R-1-1 at c2: look"]

    resume(both()[1], "ken", "mended")
    go_on(clock)
    assert states() == (State.DONE, State.DONE)


def test_when_the_child_goes_back_the_parent_does(lab: Lab, clock: Clock) -> None:
    lab.plan("do c2", REFUSED)
    saga = begin(lab)

    run(saga.pk)
    go_on(clock)

    parent, _child = both()
    assert states() == (State.COMPENSATED, State.COMPENSATED)
    assert parent.reason == "no_van"
    assert lab.log[4:] == ["undo c2", "undo c1", "undo s", "undo a"]


def test_a_child_is_undone_just_before_the_step_that_started_it(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do z", REFUSED)
    saga = begin(lab)

    run(saga.pk)
    go_on(clock)

    assert states() == (State.COMPENSATED, State.COMPENSATED)
    undone = [act for act in lab.log if act.startswith("undo")]
    assert undone == ["undo z", "undo c2", "undo c1", "undo s", "undo a"]


def test_cancelling_the_parent_undoes_its_child(lab: Lab, clock: Clock) -> None:
    lab.plan("do c2", ManualIntervention("look"))
    saga = begin(lab)
    run(saga.pk)

    cancel(both()[0], "ken", "not wanted any more")
    go_on(clock)

    assert states() == (State.COMPENSATED, State.COMPENSATED)


def test_what_the_child_made_final_is_final_for_the_parent(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do z", REFUSED)
    saga = begin(lab, pivot=True)

    run(saga.pk)

    assert states() == (State.FAILED, State.DONE)
    with pytest.raises(PastPivot):
        cancel(both()[0], "ken", "")


def test_a_child_that_passes_its_pivot_before_it_is_called_back_takes_the_parent_along(
    lab: Lab, clock: Clock
) -> None:
    saga = begin(lab, pivot=True)
    run(saga.pk, link="a")
    run(saga.pk, link="s")
    run(both()[1].pk, link="c1")
    cancel(both()[0], "ken", "not wanted any more")
    assert states() == (State.JOINING, State.RUNNING)

    # A worker had the child's message already.
    run(both()[1].pk)
    go_on(clock)

    parent, child = both()
    assert states() == (State.DONE, State.DONE)
    assert (parent.direction, parent.reason, parent.waiting_for) == ("do", "", "")
    assert parent.pivot_at == child.pivot_at
    assert parent.output("s") == {"brought": {}}
    assert lab.log == ["do a", "do s", "do c1", "do c2", "do s", "do z"]


def test_a_parent_with_no_way_back_stops_when_its_child_goes_back(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do c2", REFUSED)
    lab.plan("do s", *[send_child] * 9)
    steps = (lab.local("c1"), lab.external("c2"))
    register(Definition("errand", 1, steps, lambda: lab.channels))
    saga = lab.start(lab.external("a", pivot=True), lab.local("s"), lab.local("z"))

    run(saga.pk)
    go_on(clock)
    assert states() == (State.FAILED, State.COMPENSATED)
    assert "was undone" in both()[0].error

    resume(both()[0], "ken", "another van")
    go_on(clock)
    assert states() == (State.DONE, State.DONE)
    assert both()[1].reference == "R-1-2"


def test_a_reference_that_is_taken_needs_a_person(lab: Lab, clock: Clock) -> None:
    begin(lab)
    lab.start(*(lab.definition.steps if lab.definition else ()), reference="R-2")
    Saga.objects.create(definition="errand", version=1, reference="R-2-1", step="c1")

    run(Saga.objects.get(reference="R-2").pk)

    assert Saga.objects.get(reference="R-2").state == State.FAILED
