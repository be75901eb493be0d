"""Cancel a saga before its pivot: everything done so far is undone."""

from django.db import transaction

from saga import compensation
from saga.changes import SagaChanges
from saga.errors import NotAlone, PastPivot
from saga.execution import Execution
from saga.history import list_undos
from saga.models import ENDED, Attempt, Direction, Saga
from saga.operations import actions

# The reason that undo steps read when it was staff's decision.
BY_STAFF = "staff"


@transaction.atomic
def cancel(saga: Saga, actor: str, reason: str, *, seen: int | None = None) -> None:
    """Undo the saga from its present step on, and its branches; only before the pivot.

    Raises PastPivot, Ended, GoingBack, Busy (a claimed step is not raced), Changed,
    NotAlone. If the outcome of a call is not known, the undo steps find it out.
    """
    execution, back = read_cancellable(saga, seen)
    backward: SagaChanges = {"direction": Direction.UNDO, "reason": BY_STAFF}
    changes = actions.restarted() | actions.without_error() | backward
    changes |= compensation.plan_backward(execution, back[0] if back else None)
    entry: actions.Entry = {
        "outcome": Attempt.Outcome.CANCELLED,
        "actor": actor,
        "note": reason,
    }
    actions.write(saga, execution.saga, changes, entry)
    compensation.follow_back(saga, changes)


def read_cancellable(saga: Saga, seen: int | None) -> tuple[Execution, list[str]]:
    """Return the saga as it is now, and the steps to undo. Raises as cancel does."""
    known = Saga.objects.get(pk=saga.pk)
    # Raised even while a worker has it: waiting would not change it.
    if known.state not in ENDED and _is_final(known):
        raise PastPivot(known.reference)
    if known.branch:
        raise NotAlone(known.reference, known.branch)
    execution = actions.find_execution(actions.read(saga, seen))
    # With the step itself: a call that failed may have left something behind.
    return execution, list_undos(execution, tried=execution.step.name)


def _is_final(saga: Saga) -> bool:
    """Return whether it, or a saga that one of its steps started, cannot be undone."""
    children = Saga.objects.filter(parent=saga, pivot_at__isnull=False)
    return bool(saga.pivot_at) or children.exists()
