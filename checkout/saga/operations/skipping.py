"""Leaving out a step that the definition calls dispensable."""

from django.db import transaction
from django.utils import timezone

from checkout.saga import family
from checkout.saga.definition import Definition, Step
from checkout.saga.errors import NotSkippable
from checkout.saga.models import Attempt, Saga
from checkout.saga.operations import acts


@transaction.atomic
def skip(saga: Saga, actor: str, reason: str, *, seen: int | None = None) -> None:
    """Let the saga go on behind its present step, which is not done at all.

    Raises NotSkippable, Ended, GoingBack, Joining, Busy, Changed.
    """
    standing, definition, _step = read_skippable(saga, seen)
    changes = acts.running(timezone.now()) | acts.without_error()
    changes |= family.onward(definition, standing)
    skipped = Attempt.Outcome.SKIPPED
    history = {"outcome": skipped, "actor": actor, "note": reason}
    acts.write(saga, standing, changes, history)
    family.follow(definition, standing, changes)


def read_skippable(saga: Saga, seen: int | None) -> tuple[Saga, Definition, Step]:
    """Return the saga as it is now. Raises as skip does."""
    standing = acts.read_at_step(saga, seen)
    definition, step = acts.step_of(standing)
    if not step.skippable:
        raise NotSkippable(standing.reference, step.name)
    return standing, definition, step
