"""Leaving out a step that the definition calls dispensable."""

from django.db import transaction
from django.utils import timezone

from saga import branches
from saga.definition import Definition, Step
from saga.errors import NotSkippable
from saga.models import Attempt, Saga
from saga.operations import actions


@transaction.atomic
def skip(saga: Saga, actor: str, reason: str, *, seen: int | None = None) -> None:
    """Let the saga go on behind its present step, which is not done at all.

    Raises NotSkippable, Ended, GoingBack, Joining, Busy, Changed.
    """
    standing, definition, _step = read_skippable(saga, seen)
    changes = actions.running(timezone.now()) | actions.without_error()
    changes |= branches.onward(definition, standing)
    skipped = Attempt.Outcome.SKIPPED
    history = {"outcome": skipped, "actor": actor, "note": reason}
    actions.write(saga, standing, changes, history)
    branches.follow(definition, standing, changes)


def read_skippable(saga: Saga, seen: int | None) -> tuple[Saga, Definition, Step]:
    """Return the saga as it is now. Raises as skip does."""
    standing = actions.read_at_step(saga, seen)
    definition, step = actions.step_of(standing)
    if not step.skippable:
        raise NotSkippable(standing.reference, step.name)
    return standing, definition, step
