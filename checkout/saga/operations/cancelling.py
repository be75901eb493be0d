"""Ending a saga before its pivot: everything done so far is undone."""

from django.db import transaction
from django.utils import timezone

from checkout.saga.errors import PastPivot
from checkout.saga.models import Attempt, Direction, Saga, State
from checkout.saga.operations import acts
from checkout.saga.trail import way_back

# The reason that undo steps read when it was staff's decision.
BY_STAFF = "staff"


@transaction.atomic
def cancel(saga: Saga, actor: str, reason: str, *, seen: int | None = None) -> None:
    """Undo the saga from its present step on; only before the pivot.

    Raises PastPivot, Ended, GoingBack, Busy (a worker is at it: it is not raced),
    Changed. A call that had its effect unknown to us is found by the undo steps.
    """
    standing, back = read_cancellable(saga, seen)
    now = timezone.now()
    changes = acts.running(now) | acts.without_error()
    changes |= {"direction": Direction.UNDO, "reason": BY_STAFF}
    if not back:
        changes |= {"state": State.COMPENSATED, "finished_at": now}
    else:
        changes |= {"state": State.COMPENSATING, "step": back[0]}
    cancelled = Attempt.Outcome.CANCELLED
    history = {"outcome": cancelled, "actor": actor, "note": reason}
    acts.write(saga, standing, changes, history)


def read_cancellable(saga: Saga, seen: int | None) -> tuple[Saga, list[str]]:
    """Return the saga as it is now, and the steps to undo. Raises as cancel does."""
    known = Saga.objects.get(pk=saga.pk)
    # Said even while a worker is at it: waiting would not change it.
    if known.pivot_at and known.state != State.DONE:
        raise PastPivot(known.reference)
    standing = acts.read(saga, seen)
    definition, step = acts.step_of(standing)
    # With the step itself: a call that failed may have left something behind.
    return standing, way_back(definition, standing, tried=step.name)
