"""Sagas of version 1 at every step, for tests of later versions."""

from contextlib import suppress

from saga.engine import run
from saga.errors import Abort, Retry
from saga.models import Saga, State
from saga.step import Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Killed, Lab

STEPS = ("a", "b", "c", "d")


def steps(lab: Lab, *names: str) -> list[Step]:
    """Return steps of both kinds, each with an undo."""
    return [
        lab.local(name) if number % 2 else lab.external(name)
        for number, name in enumerate(names)
    ]


def stopped_at_step(lab: Lab, name: str) -> Saga:
    """Return a saga of version 1 at step ``name``, all before it done."""
    saga = lab.start(*steps(lab, *STEPS))
    is_local = STEPS.index(name) % 2
    for before in STEPS[: STEPS.index(name)]:
        one_step_at_a_time(saga)
        if is_local and before == STEPS[STEPS.index(name) - 1]:
            # It would ride along: its worker dies right there.
            lab.plan(f"do {name}", Killed())
        with suppress(Killed):
            run(saga.pk, link=before)
    if is_local:
        lab.log.remove(f"do {name}")
    Saga.objects.filter(pk=saga.pk).update(relaunches=0)
    saga.refresh_from_db()
    assert (saga.step, saga.claimed_by) == (name, "")
    return saga


def one_step_at_a_time(saga: Saga) -> None:
    """Make the next step one that no other is done along with."""
    Saga.objects.filter(pk=saga.pk).update(relaunches=1)


def undoing_at(lab: Lab, name: str) -> Saga:
    """Return a saga of version 1 that does not get past the undo of ``name``."""
    lab.plan("do d", Abort("sold out", "sold_out"))
    lab.plan(f"undo {name}", Retry("stuck"))
    saga = lab.start(*steps(lab, *STEPS))
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.state, saga.step) == (State.COMPENSATING, name)
    return saga


def go_on(saga: Saga, clock: Clock) -> None:
    """Let time pass, sweep, and deliver a message."""
    for _round in range(3):
        clock.shift(61)
        sweep()
        run(saga.pk)
    saga.refresh_from_db()


def acts(saga: Saga, outcome: str) -> list[str]:
    return list(saga.attempts.filter(outcome=outcome).values_list("step", flat=True))
