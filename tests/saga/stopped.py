"""Artificial sagas that have stopped."""

from saga.engine import run
from saga.errors import ManualIntervention
from saga.models import Saga, State
from saga.step import Step
from tests.saga.lab import Lab


def stopped_at_b(lab: Lab, b: Step, *, pivot: bool = False) -> Saga:
    """Return a saga of a, b, c that stopped at b; with ``pivot``, a was the pivot."""
    lab.plan("do b", ManualIntervention("look at this"))
    saga = lab.start(lab.external("a", pivot=pivot), b, lab.local("c"))
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.state, saga.step) == (State.FAILED, "b")
    return saga
