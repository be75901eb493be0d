"""A step that chooses where the saga goes on."""

import pytest

from saga.definition import Definition
from saga.diagram import page
from saga.engine import run
from saga.errors import Abort
from saga.models import State
from saga.results import END, Choice
from saga.step import Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Killed, Lab, outcomes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def steps(lab: Lab, **options: object) -> list[Step]:
    kind = lab.external if options.pop("outside", False) else lab.local
    return [
        lab.local("a"),
        kind("fork", choices=("b", "d"), **options),
        *(lab.local(name) for name in "bcd"),
    ]


@pytest.mark.parametrize("outside", [False, True])
@pytest.mark.parametrize(("chosen", "done"), [("b", "bcd"), ("d", "d")])
def test_it_goes_on_at_the_chosen_step(
    lab: Lab, chosen: str, done: str, outside: bool
) -> None:
    lab.plan("do fork", Choice(chosen, {"size": 3}))
    saga = lab.start(*steps(lab, outside=outside))

    run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert lab.log == ["do a", "do fork", *(f"do {name}" for name in done)]
    assert saga.output("fork") == {"size": 3, "chosen": chosen}
    assert lab.definition is not None
    passed = lab.definition.passed_over(saga.data)
    assert passed == ({"b", "c"} if chosen == "d" else set())


def test_without_a_choice_it_goes_on_with_the_next(lab: Lab) -> None:
    saga = lab.start(*steps(lab))
    run(saga.pk)
    assert lab.log == ["do a", "do fork", "do b", "do c", "do d"]


def test_what_was_passed_over_is_not_undone(lab: Lab) -> None:
    lab.plan("do fork", Choice("d"))
    lab.plan("do d", Abort("no", "no"))
    saga = lab.start(*steps(lab))

    run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.COMPENSATED
    assert lab.log[2:] == ["do d", "undo d", "undo fork", "undo a"]


def test_messages_of_links_that_were_passed_over_do_nothing(lab: Lab) -> None:
    lab.plan("do fork", Choice("d"))
    saga = lab.start(*steps(lab))

    for link in ("a", "fork", "b", "c", "d"):
        run(saga.pk, link)

    assert lab.log == ["do a", "do fork", "do d"]


def test_it_may_choose_the_end(lab: Lab) -> None:
    lab.plan("do fork", Choice(END))
    fork = lab.local("fork", choices=("b", END))
    saga = lab.start(lab.local("a"), fork, lab.local("b"), lab.local("c"))

    run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert lab.log == ["do a", "do fork"]
    assert lab.definition is not None
    assert lab.definition.passed_over(saga.data) == {"b", "c"}
    assert "  fork -- or --> finished" in page(lab.definition)


def test_a_choice_that_was_not_named_stops_nothing_else(lab: Lab, clock: Clock) -> None:
    lab.plan("do fork", Choice("c"), Choice("d"))
    saga = lab.start(*steps(lab))
    run(saga.pk)
    clock.shift(61)
    run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert ("fork", "do", "retry") in outcomes(saga)


def test_a_worker_that_dies_while_choosing_is_survived(lab: Lab, clock: Clock) -> None:
    lab.plan("do fork", Killed(), Choice("d"))
    saga = lab.start(*steps(lab))
    with pytest.raises(Killed):
        run(saga.pk)
    clock.shift(61)
    sweep()
    run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert lab.log[-2:] == ["do fork", "do d"]


def test_a_newer_version_records_nothing_of_what_was_passed_over(lab: Lab) -> None:
    lab.plan("do fork", Choice("d"))
    saga = lab.start(*steps(lab))
    run(saga.pk, "a")
    run(saga.pk, "fork")
    lab.deploy(2, *steps(lab))

    run(saga.pk)

    assert [row[2] for row in outcomes(saga)] == ["ok", "ok", "adopted", "ok"]


def test_impossible_choices_are_refused_when_the_code_is_loaded(lab: Lab) -> None:
    def define(*steps: Step) -> None:
        Definition("x", 1, steps, dict)

    with pytest.raises(ValueError, match="does not follow"):
        define(lab.local("a"), lab.local("b", choices=("a",)))
    with pytest.raises(ValueError, match="may not pass over pay"):
        define(
            lab.local("a", choices=("b",)),
            lab.external("pay", pivot=True),
            lab.local("b"),
        )
    with pytest.raises(ValueError, match="no pivot"):
        lab.local("a", choices=("b",), skippable=True)


def test_the_diagram_shows_both_ways(lab: Lab) -> None:
    text = page(lab.deploy(1, *steps(lab)))
    assert "  fork --> b" in text
    assert "  fork -- or --> d" in text
    assert "chooses where the saga goes on" in text
