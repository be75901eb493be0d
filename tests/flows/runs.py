"""Run flows in a test, as workers and sweepers do."""

from saga.engine import run
from saga.models import Saga
from saga.operations import Decider, decide
from saga.sweeper import sweep
from tests.conftest import Clock

ANN = Decider("ann", lambda _permission: True)


def go_on(clock: Clock, *, seconds: float = 61, rounds: int = 4) -> None:
    """Let time pass, and let everything that is due run."""
    for _round in range(rounds):
        clock.shift(seconds)
        sweep()
        for saga in Saga.objects.live().order_by("pk"):
            run(saga.pk)


def approve(saga: Saga, *, approved: bool = True) -> None:
    decide(saga, ANN, "looked at it", approved=approved)
    run(saga.pk)
    saga.refresh_from_db()


def started(saga: Saga) -> Saga:
    """Run a saga that was just started; return it as it is then."""
    run(saga.pk)
    saga.refresh_from_db()
    return saga
