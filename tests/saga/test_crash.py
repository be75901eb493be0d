"""A worker dies at some point of a step. The sweeper and a second run repair it."""

from collections.abc import Callable

import pytest
from django.db import transaction

from inventory.models import Movement
from inventory.services import receive
from saga.engine import run
from saga.errors import Abort
from saga.models import Saga, State
from saga.step import Context, Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Killed, Lab, outcomes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def leave_a_mark(context: Context, name: str = "mark") -> None:
    receive("MARK", 1, f"{name}-{context.saga.fence}")


def die(*_anything: object) -> None:
    raise Killed


def mark_and_die(context: Context) -> None:
    leave_a_mark(context)
    raise Killed


def repair(saga: Saga, clock: Clock) -> None:
    """Let time pass, sweep, and deliver a message."""
    for _round in range(3):
        clock.shift(61)
        sweep()
        run(saga.pk)
    saga.refresh_from_db()


@pytest.mark.parametrize("end", [die, mark_and_die], ids=["before", "after"])
def test_a_local_step_whose_worker_dies_has_its_effect_once(
    lab: Lab, clock: Clock, end: Callable[[Context], None]
) -> None:
    lab.plan("do a", end, leave_a_mark)
    saga = lab.start(lab.local("a"), lab.local("b"))

    with pytest.raises(Killed):
        run(saga.pk)
    saga.refresh_from_db()
    assert (saga.fence, saga.attempt) == (0, 0)
    assert not Movement.objects.exists()

    repair(saga, clock)

    assert saga.state == State.DONE
    assert Movement.objects.count() == 1
    assert lab.log == ["do a", "do a", "do b"]


def dying(lab: Lab, point: str) -> Step:
    """Return external step a, whose worker dies once at ``point``."""
    ends: dict[str, list[Callable[..., None]]] = {
        name: [die] if name == point else [] for name in ("prepare", "record")
    }

    def prepare(_context: Context) -> None:
        if ends["prepare"]:
            ends["prepare"].pop()()

    def record(context: Context, _answer: object) -> None:
        leave_a_mark(context)
        if ends["record"]:
            ends["record"].pop()()

    if point == "call":
        lab.plan("do a", die)
    return lab.external("a", prepare=prepare, record=record)


@pytest.mark.parametrize(
    ("point", "calls"), [("prepare", 1), ("call", 2), ("record", 2)]
)
def test_an_external_step_whose_worker_dies_is_taken_up_again(
    lab: Lab, clock: Clock, point: str, calls: int
) -> None:
    saga = lab.start(dying(lab, point), lab.local("b"))

    with pytest.raises(Killed):
        run(saga.pk)
    assert not Movement.objects.exists()
    repair(saga, clock)

    assert saga.state == State.DONE
    assert lab.log == [*["do a"] * calls, "do b"]
    assert Movement.objects.count() == 1
    ends = [row for row in outcomes(saga) if row[0] == "a"]
    lost = [("a", "do", "lost")] if point != "prepare" else []
    assert ends == [*lost, ("a", "do", "ok")]


def test_a_worker_that_dies_between_two_steps_is_survived(
    lab: Lab, clock: Clock
) -> None:
    saga = lab.start(lab.local("a"), lab.local("b"))
    run(saga.pk, link="a")

    repair(saga, clock)

    assert saga.state == State.DONE
    assert lab.log == ["do a", "do b"]


@pytest.mark.parametrize("kind", ["local", "external"])
def test_a_worker_that_dies_while_undoing_is_survived(
    lab: Lab, clock: Clock, kind: str
) -> None:
    lab.plan("do b", Abort("no more", "sold_out"))
    lab.plan("undo a", mark_and_die if kind == "local" else die, leave_a_mark)
    first = lab.local("a") if kind == "local" else lab.external("a")
    saga = lab.start(first, lab.local("b", undo=False))

    with pytest.raises(Killed):
        run(saga.pk)
    repair(saga, clock)

    assert saga.state == State.COMPENSATED
    assert Movement.objects.count() == 1


@pytest.mark.parametrize("kind", ["local", "external"])
def test_a_step_that_always_kills_its_worker_is_given_up(
    lab: Lab, clock: Clock, kind: str
) -> None:
    lab.plan("do poison", *[die] * 20)
    step = lab.local("poison") if kind == "local" else lab.external("poison")
    saga = lab.start(lab.external("pay", pivot=True), step)

    for _round in range(12):
        with transaction.atomic():
            _run_or_die(saga)
        clock.shift(61)
        sweep()

    saga.refresh_from_db()
    assert (saga.state, saga.step, saga.attempt) == (State.FAILED, "poison", 3)
    assert "did not finish poison in time" in saga.error
    # The first deaths of a local step take its claim along, and cannot be counted: once
    # in the transaction that records the charge, which then loses a try, once alone.
    assert lab.log.count("do poison") == (5 if kind == "local" else 3)
    assert lab.log.count("do pay") == (2 if kind == "local" else 1)
    assert len(lab.alerts) == 1


def _run_or_die(saga: Saga) -> None:
    try:
        run(saga.pk)
    except Killed:
        return
