"""A step that leaves a saga behind, for which nobody waits."""

from collections.abc import Iterator

import pytest

from saga import definition as definitions
from saga.definition import Definition, register
from saga.engine import run
from saga.errors import Abort, ManualIntervention
from saga.models import Saga, State
from saga.operations import mark_done, resume
from saga.results import SpinOff, StartChild
from saga.step import Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Killed, Lab

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

LEFT = SpinOff("errand", "R-1", {"size": 3}, output={"left": True})


@pytest.fixture(autouse=True)
def _errand_is_forgotten() -> Iterator[None]:
    yield
    definitions._definitions.pop("errand", None)


def begin(lab: Lab, *errand: Step, pivot: bool = True) -> Saga:
    """Start a (the pivot), s (which leaves an errand), z."""
    steps = errand or (lab.local("c1"), lab.external("c2"))
    register(Definition("errand", 1, steps, lambda: lab.channels))
    lab.plan("do s", LEFT, LEFT)
    return lab.start(lab.external("a", pivot=pivot), lab.local("s"), lab.local("z"))


def parent() -> Saga:
    return Saga.objects.get(definition="artificial")


def errand() -> Saga:
    return Saga.objects.get(definition="errand")


def test_the_parent_ends_while_the_errand_has_not_begun(lab: Lab) -> None:
    saga = begin(lab)

    run(saga.pk)

    assert (parent().state, errand().state) == (State.DONE, State.RUNNING)
    assert parent().output("s") == {"left": True}
    assert (errand().parent, errand().parent_step) == (parent(), "s")


def test_the_errand_runs_with_its_data_after_its_parent_has_ended(lab: Lab) -> None:
    lab.plan("do c2", lambda c: {"size": c.input("size", 0)})
    run(begin(lab).pk)

    run(errand().pk)

    assert (errand().state, errand().output("c2")) == (State.DONE, {"size": 3})
    assert parent().state == State.DONE


def test_a_step_that_dies_after_it_leaves_one_errand(lab: Lab, clock: Clock) -> None:
    lab.plan("do z", Killed())
    saga = begin(lab)

    with pytest.raises(Killed):
        run(saga.pk)
    for _round in range(4):
        clock.shift(61)
        sweep()
        run(saga.pk)

    assert parent().state == State.DONE
    assert Saga.objects.filter(definition="errand").count() == 1


def test_an_errand_that_is_undone_leaves_its_parent_alone(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do c2", Abort("no van", "no_van"))
    run(begin(lab).pk)

    run(errand().pk)
    for _round in range(3):
        clock.shift(61)
        sweep()
        run(errand().pk)

    assert (parent().state, errand().state) == (State.DONE, State.COMPENSATED)
    assert lab.alerts == []


def test_it_leaves_a_parent_alone_that_is_still_under_way(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do c2", Abort("no van", "no_van"))
    lab.plan("do z", ManualIntervention("look"))
    run(begin(lab).pk)

    run(errand().pk)
    for _round in range(3):
        clock.shift(61)
        sweep()
        run(errand().pk)

    assert (parent().state, errand().state) == (State.FAILED, State.COMPENSATED)
    assert parent().error == "look"


def test_an_errand_that_stops_wants_staff_itself(lab: Lab, clock: Clock) -> None:
    lab.plan("do c1", ManualIntervention("look"))
    run(begin(lab).pk)
    run(errand().pk)
    sweep()

    assert lab.alerts == ["R-1 at c1: look"]
    resume(errand(), "ken", "mended")
    run(errand().pk)
    assert (parent().state, errand().state) == (State.DONE, State.DONE)


def test_before_the_pivot_nothing_may_be_left_behind(lab: Lab) -> None:
    run(begin(lab, pivot=False).pk)

    assert parent().state == State.FAILED
    assert "before its pivot" in parent().error
    assert not Saga.objects.filter(definition="errand").exists()


def test_a_reference_that_is_another_s_needs_a_person(lab: Lab) -> None:
    saga = begin(lab)
    Saga.objects.create(definition="errand", version=1, reference="R-1", step="c1")

    run(saga.pk)

    assert parent().state == State.FAILED
    assert "not ours" in parent().error


def test_a_step_that_is_marked_as_done_leaves_its_errand_as_well(lab: Lab) -> None:
    steps = (lab.local("c1"),)
    register(Definition("errand", 1, steps, lambda: lab.channels))
    lab.plan("do s", ManualIntervention("look"))
    proven = lab.local("s", prove=lambda _c: 1, record=lambda _c, _r: LEFT)
    saga = lab.start(lab.external("a", pivot=True), proven, lab.local("z"))
    run(saga.pk)

    mark_done(parent(), "ken", "done by hand")
    run(saga.pk)

    assert parent().output("s") == {"left": True}
    assert errand().state == State.RUNNING


def test_a_child_that_is_waited_for_stops_its_parent_as_before(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do c2", Abort("no van", "no_van"))
    steps = (lab.local("c1"), lab.external("c2"))
    register(Definition("errand", 1, steps, lambda: lab.channels))
    lab.plan("do s", StartChild("errand", "R-1-1"))
    saga = lab.start(lab.external("a", pivot=True), lab.local("s"))

    run(saga.pk)
    for _round in range(3):
        clock.shift(61)
        sweep()
        run(saga.pk)

    assert parent().state == State.FAILED
