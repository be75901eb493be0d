"""A step that waits for a saga of each of its items, some of them at a time."""

from collections.abc import Iterator
from typing import Any

import pytest

from saga import definition as definitions
from saga.definition import Definition, register
from saga.diagram import page
from saga.engine import run
from saga.errors import Abort, ManualIntervention, Retry
from saga.models import LIVE, Saga, State
from saga.operations import cancel, resume
from saga.results import Choice
from saga.step import Context, Map, Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Killed, Lab

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

NO = Abort("line 2: no such category", "wrong")


@pytest.fixture(autouse=True)
def _item_is_forgotten() -> Iterator[None]:
    yield
    definitions._definitions.pop("item", None)


def begin(lab: Lab, count: int = 5, *item: Step, **options: Any) -> Saga:
    """Start a, each (which maps over items), z; an item is i1, i2 or as given."""
    steps = item or (lab.local("i1"), lab.local("i2"))
    register(Definition("item", 1, steps, lambda: lab.channels, background=True))
    over = Map("item", lambda _context: count, **({"at_once": 2} | options))
    return lab.start(lab.local("a"), lab.local("each", over=over), lab.local("z"))


def items() -> list[Saga]:
    return list(Saga.objects.filter(definition="item").order_by("pk"))


def parent() -> Saga:
    return Saga.objects.get(definition="artificial")


def go_on(clock: Clock, rounds: int = 6) -> None:
    for _round in range(rounds):
        clock.shift(61)
        sweep()
        for saga in Saga.objects.live().order_by("pk"):
            run(saga.pk)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_the_step_is_done_when_all_items_are(lab: Lab, count: int) -> None:
    seen: list[tuple[str, int]] = []
    lab.plan("do i2", *[lambda c: seen.append(c.item)] * count)
    lab.plan("do each", lambda c: {"refused": list(c.refused_items())})

    run(begin(lab, count).pk)

    assert parent().state == State.DONE
    assert seen == [("R-1", number) for number in range(count)]
    assert lab.log.count("do each") == 1
    assert parent().output("each") == {"refused": []}


def test_only_so_many_are_under_way_at_once(lab: Lab) -> None:
    saga = begin(lab, 5)
    run(saga.pk, "a")
    run(saga.pk, "each")
    assert [item.reference for item in items()] == ["R-1/0", "R-1/1"]

    for _round in range(9):
        first = Saga.objects.live().filter(definition="item").order_by("-pk").first()
        if first is None:
            break
        run(first.pk, "i1")
        run(first.pk, "i2")
        assert Saga.objects.live().filter(definition="item").count() <= 2
    assert len(items()) == 5
    assert parent().state == State.RUNNING
    run(saga.pk)
    assert parent().state == State.DONE


def test_an_item_that_stops_takes_no_room_and_the_step_waits_for_it(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do i2", ManualIntervention("look"), ManualIntervention("look"))
    run(begin(lab, 5).pk)
    go_on(clock)

    states = [item.state for item in items()]
    assert states == [State.FAILED] * 2 + [State.DONE] * 3
    assert (parent().state, parent().waiting_for) == (State.JOINING, "items")
    for item in items()[:2]:
        resume(item, "ken", "mended")
    go_on(clock)
    assert parent().state == State.DONE
    assert lab.log.count("do i1") == 5


def test_an_item_whose_tries_are_used_up_stops_and_is_not_undone(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do i2", *[Retry("later")] * 3)
    run(begin(lab, 1).pk)
    go_on(clock)
    assert items()[0].state == State.FAILED
    assert "undo i1" not in lab.log


def test_a_refused_item_is_an_error_of_its_own_if_that_is_tolerated(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do i2", None, NO)
    lab.plan("do each", lambda c: {"refused": list(c.refused_items())})

    run(begin(lab, 4, tolerant=True).pk)

    assert [item.state for item in items()] == ["done", "compensated", "done", "done"]
    assert parent().state == State.DONE
    assert parent().output("each") == {"refused": [[1, "line 2: no such category"]]}
    assert lab.log.count("undo i1") == 1


def test_otherwise_all_items_are_undone_and_the_saga_turns_back(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do i2", None, NO)
    run(begin(lab, 4).pk)
    go_on(clock)

    assert {item.state for item in items()} == {State.COMPENSATED}
    assert (parent().state, parent().reason) == (State.COMPENSATED, "wrong")
    done, undone = lab.log.count("do i1"), lab.log.count("undo i1")
    assert done == undone
    assert lab.log[-2:] == ["undo each", "undo a"]


def test_behind_the_pivot_a_refused_item_stops_the_saga_for_staff(
    lab: Lab, clock: Clock
) -> None:
    steps = (lab.local("i1"), lab.local("i2"))
    register(Definition("item", 1, steps, lambda: lab.channels, background=True))
    over = Map("item", lambda _context: 2, at_once=2)
    lab.plan("do i2", None, NO)
    saga = lab.start(
        lab.external("pay", pivot=True),
        lab.local("each", over=over, undo=False),
        lab.local("z"),
    )
    run(saga.pk)
    go_on(clock)
    assert (parent().state, parent().step) == (State.FAILED, "each")
    assert "was undone" in parent().error
    assert parent().alert_wanted_at is not None

    resume(parent(), "ken", "that line is not needed")
    run(saga.pk)
    assert parent().state == State.DONE
    assert lab.log.count("do i1") == 2


def test_a_cancelled_saga_undoes_the_items_that_were_done(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do i2", None, None, ManualIntervention("look"))
    run(begin(lab, 3).pk)
    cancel(parent(), "ken", "wrong file")
    go_on(clock, 9)

    assert [item.state for item in items()] == [State.COMPENSATED] * 3
    assert parent().state == State.COMPENSATED
    undone = [act for act in lab.log if act.startswith("undo")]
    assert undone == [*["undo i2", "undo i1"] * 3, "undo each", "undo a"]


@pytest.mark.parametrize("point", ["do each", "do i1", "do i2"])
def test_a_worker_that_dies_anywhere_is_survived(
    lab: Lab, clock: Clock, point: str
) -> None:
    lab.plan(point, Killed())
    saga = begin(lab, 4)
    with pytest.raises(Killed):
        run(saga.pk)
    go_on(clock)

    assert parent().state == State.DONE
    assert [item.state for item in items()] == [State.DONE] * 4
    assert lab.log.count("do i2") == (5 if point == "do i2" else 4)


def test_an_item_that_nobody_took_over_is_found_by_the_sweeper(
    lab: Lab, clock: Clock
) -> None:
    saga = begin(lab, 3)
    run(saga.pk, "a")
    run(saga.pk, "each")
    go_on(clock)
    assert parent().state == State.DONE


def test_where_the_code_lacks_the_items_they_are_left_until_it_is_there(
    lab: Lab, clock: Clock
) -> None:
    saga = begin(lab, 3)
    run(saga.pk, "a")
    run(saga.pk, "each")
    known = definitions._definitions.pop("item")
    go_on(clock)
    assert parent().state == State.JOINING
    assert "no saga called 'item'" in parent().error

    register(known)
    go_on(clock)
    assert parent().state == State.DONE


def test_where_the_step_has_no_items_any_more_the_saga_is_held_back(
    lab: Lab, clock: Clock
) -> None:
    saga = begin(lab, 3)
    run(saga.pk, "a")
    run(saga.pk, "each")
    before = lab.definition
    lab.deploy(2, lab.local("a"), lab.local("each"), lab.local("z"))
    go_on(clock)
    assert parent().state == State.JOINING
    assert "no items at 'each'" in parent().error

    assert before is not None
    register(before)
    go_on(clock)
    assert parent().state == State.DONE


def test_items_that_could_not_be_undone_are_refused(lab: Lab) -> None:
    run(begin(lab, 2, lab.external("pay", pivot=True)).pk)
    assert parent().state == State.FAILED
    assert "has a pivot" in parent().error
    assert not items()


def test_an_item_may_choose_and_the_diagram_shows_the_map(lab: Lab) -> None:
    lab.plan("do i1", Choice("i3"))
    steps = (lab.local("i1", choices=("i2", "i3")), lab.local("i2"), lab.local("i3"))
    run(begin(lab, 1, *steps).pk)
    assert parent().state == State.DONE
    assert "do i2" not in lab.log

    assert lab.definition is not None
    text = page(lab.definition)
    assert 'each[["each<br/>each item, 2 at once"]]' in text


def test_one_definition_serves_one_map(lab: Lab) -> None:
    def over(_context: Context) -> int:
        return 1

    twice = (lab.local(name, over=Map("item", over)) for name in "ab")
    with pytest.raises(ValueError, match="of its own"):
        lab.deploy(1, *twice)
    with pytest.raises(ValueError, match="LOCAL"):
        lab.external("a", over=Map("item", over))


def test_the_row_of_the_map_says_how_far_it_is(lab: Lab) -> None:
    saga = begin(lab, 5)
    run(saga.pk, "a")
    run(saga.pk, "each")
    assert parent().output("each") == {"items": {"count": 5, "begun": 2}}
    assert all(item.state in LIVE for item in items())
