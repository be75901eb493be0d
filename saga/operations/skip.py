"""Leave out a step that the definition calls skippable."""

from django.db import transaction

from saga import branches
from saga.errors import NotSkippable
from saga.execution import Execution
from saga.models import Attempt, Saga
from saga.operations import actions


@transaction.atomic
def skip(saga: Saga, actor: str, reason: str, *, seen: int | None = None) -> None:
    """Continue the saga after its present step, which is left out.

    Raises NotSkippable, Ended, GoingBack, Joining, Busy, Changed.
    """
    execution = read_skippable(saga, seen)
    changes = actions.restarted() | actions.without_error()
    changes |= branches.plan_onward(execution)
    entry: actions.Entry = {
        "outcome": Attempt.Outcome.SKIPPED,
        "actor": actor,
        "note": reason,
    }
    actions.write(saga, execution.saga, changes, entry)
    branches.follow(execution, saga)


def read_skippable(saga: Saga, seen: int | None) -> Execution:
    """Return the saga as it is now. Raises as skip does."""
    execution = actions.read_at_step(saga, seen)
    if not execution.step.skippable:
        raise NotSkippable(execution.saga.reference, execution.step.name)
    return execution
