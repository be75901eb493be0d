"""What others may do to a saga: start it, wake it, resume it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from checkout.saga.claims import EXPECTED_WITHIN
from checkout.saga.definition import Definition
from checkout.saga.errors import NotResumable
from checkout.saga.launch import launch_on_commit, publish
from checkout.saga.models import Attempt, Direction, Saga, State


@transaction.atomic
def start(definition: Definition, reference: str) -> Saga:
    """Create the saga of ``reference`` and launch it on commit."""
    now = timezone.now()
    saga = Saga.objects.create(
        definition=definition.name,
        version=definition.version,
        reference=reference,
        step=definition.steps[0].name,
        due_at=now,
        sweep_at=now + EXPECTED_WITHIN,
    )
    # Robust, like every launch; the row in hand is the newest, so none is read again.
    transaction.on_commit(lambda: publish(saga), robust=True)
    return saga


@transaction.atomic
def wake(definition: Definition, reference: str) -> bool:
    """Let a waiting saga look again; harmless at any time and any number of times.

    A saga that is not waiting only notes that it was called: if its step is just
    about to wait, it runs once more instead. Returns whether there is such a saga.
    """
    now = timezone.now()
    waiting = {"state": State.WAITING.value}
    rows = Saga.objects.live().filter(definition=definition.name, reference=reference)
    was = rows.first()
    called = rows.update(
        signals=F("signals") + 1,
        state=Case(
            When(**waiting, then=Value(State.RUNNING.value)), default=F("state")
        ),
        due_at=Case(When(**waiting, then=Value(now)), default=F("due_at")),
        sweep_at=Case(
            When(**waiting, then=Value(now + EXPECTED_WITHIN)), default=F("sweep_at")
        ),
    )
    # Read before the update, so it may be a moment old; then the sweeper launches.
    if was is not None and was.state == State.WAITING:
        launch_on_commit(was.pk)
    return bool(called)


@transaction.atomic
def resume(saga: Saga, actor: str, reason: str, *, seen: int | None = None) -> None:
    """Let a failed saga go on from the step that failed, with today's code.

    Of two people (or a person and a command) one wins; the other gets NotResumable,
    as does anybody whose page (``seen``, the fence it showed) is out of date.
    """
    now = timezone.now()
    rows = Saga.objects.failed().filter(pk=saga.pk)
    if seen is not None:
        rows = rows.filter(fence=seen)
    changes: Mapping[str, Any] = {
        "state": Case(
            When(direction=Direction.UNDO, then=Value(State.COMPENSATING.value)),
            default=Value(State.RUNNING.value),
        ),
        "fence": F("fence") + 1,
        "attempt": 0,
        "relaunches": 0,
        "due_at": now,
        "sweep_at": now + EXPECTED_WITHIN,
        "failed_at": None,
        "alert_wanted_at": None,
    }
    if not rows.update(**changes):
        saga.refresh_from_db()
        raise NotResumable(saga.reference, saga.state)
    saga.refresh_from_db()
    Attempt.objects.create(
        saga=saga,
        fence=saga.fence,
        step=saga.step,
        direction=saga.direction,
        number=0,
        started_at=now,
        ended_at=now,
        outcome=Attempt.Outcome.RESUMED,
        actor=actor,
        note=reason,
    )
    launch_on_commit(saga.pk)
