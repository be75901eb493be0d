"""Ending a saga before its pivot: everything done so far is undone."""

from django.db import transaction
from django.utils import timezone

from saga import compensation
from saga.errors import NotAlone, PastPivot
from saga.history import way_back
from saga.models import ENDED, Attempt, Direction, Saga
from saga.operations import actions

# The reason that undo steps read when it was staff's decision.
BY_STAFF = "staff"


@transaction.atomic
def cancel(saga: Saga, actor: str, reason: str, *, seen: int | None = None) -> None:
    """Undo the saga from its present step on, and its branches; only before the pivot.

    Raises PastPivot, Ended, GoingBack, Busy (a worker is at it: it is not raced),
    Changed, NotAlone. A call that had its effect unknown to us is found by the undo
    steps.
    """
    standing, back = read_cancellable(saga, seen)
    definition, _step = actions.step_of(standing)
    changes = actions.running(timezone.now()) | actions.without_error()
    changes |= {"direction": Direction.UNDO, "reason": BY_STAFF}
    changes |= compensation.backward(definition, standing, back[0] if back else None)
    cancelled = Attempt.Outcome.CANCELLED
    history = {"outcome": cancelled, "actor": actor, "note": reason}
    actions.write(saga, standing, changes, history)
    compensation.follow_back(saga, changes)


def read_cancellable(saga: Saga, seen: int | None) -> tuple[Saga, list[str]]:
    """Return the saga as it is now, and the steps to undo. Raises as cancel does."""
    known = Saga.objects.get(pk=saga.pk)
    # Said even while a worker is at it: waiting would not change it.
    if known.state not in ENDED and _is_final(known):
        raise PastPivot(known.reference)
    if known.branch:
        raise NotAlone(known.reference, known.branch)
    standing = actions.read(saga, seen)
    definition, step = actions.step_of(standing)
    # With the step itself: a call that failed may have left something behind.
    return standing, way_back(definition, standing, tried=step.name)


def _is_final(saga: Saga) -> bool:
    """Whether it, or a saga that one of its steps started, cannot be undone."""
    return bool(saga.pivot_at) or any(
        member.pivot_at for member in Saga.objects.filter(parent=saga)
    )
