"""What all acts of staff share: who is refused, one update, one row of history."""

import math
from datetime import datetime
from typing import Any

from django.utils import timezone

from saga.claims import EXPECTED_WITHIN
from saga.definition import Definition, Step
from saga.enqueue import launch_on_commit
from saga.errors import (
    ActRefused,
    Busy,
    Changed,
    Ended,
    GoingBack,
    Joining,
    UnknownDefinition,
)
from saga.models import LIVE, Attempt, Direction, Saga, State
from saga.resolve import fit


def read(saga: Saga, seen: int | None) -> Saga:
    """Return the saga as it is now, if it stands still on its way forward.

    Raises Ended, GoingBack, Busy, or Changed when it is not as it was ``seen``.
    """
    now = Saga.objects.get(pk=saga.pk)
    if now.state in (State.DONE, State.COMPENSATED):
        raise Ended(now.reference, now.state)
    if now.direction == Direction.UNDO:
        raise GoingBack(now.reference)
    refuse_unless_still(now, seen)
    return now


def read_at_step(saga: Saga, seen: int | None) -> Saga:
    """Return the saga as it is now, if it has its present step before it.

    Raises as ``read`` does, and Joining.
    """
    standing = read(saga, seen)
    if standing.state == State.JOINING:
        raise Joining(standing.reference)
    return standing


def refuse_unless_still(saga: Saga, seen: int | None) -> None:
    """Raise Busy while a worker has it, Changed when it is not as it was ``seen``."""
    if saga.claimed_by:
        left = (saga.due_at - timezone.now()).total_seconds()
        # A lease that has run out is counted as lost by the sweeper's next look.
        raise Busy(saga.reference, max(1, math.ceil(left)))
    if seen is not None and saga.fence != seen:
        raise Changed(saga.reference, saga.state, saga.step)


def lock(read_as: Saga) -> None:
    """Keep everybody else from the saga until the transaction ends.

    Raises Busy or Changed when it is not as it was read.
    """
    now = Saga.objects.select_for_update().get(pk=read_as.pk)
    refuse_unless_still(now, read_as.fence)


def step_of(saga: Saga) -> tuple[Definition, Step]:
    """Return definition and step. Raises ActRefused where this code has none."""
    try:
        return fit(saga)
    except UnknownDefinition as error:
        message = f"{saga.reference}: {error}"
        raise ActRefused(message, saga.reference) from error


def running(now: datetime) -> dict[str, Any]:
    """Return the fields of a saga that begins its step anew, by staff's word."""
    return {
        "state": State.RUNNING,
        "attempt": 0,
        "relaunches": 0,
        "due_at": now,
        "sweep_at": now + EXPECTED_WITHIN,
        "waiting_for": "",
        "failed_at": None,
        "alert_wanted_at": None,
    }


def without_error() -> dict[str, str]:
    return {"error": "", "error_kind": "", "error_class": ""}


def write(
    saga: Saga,
    read_as: Saga,
    changes: dict[str, Any],
    history: dict[str, Any],
) -> None:
    """Make the changes and note them, if the saga is still as it was read.

    Raises Busy or Changed otherwise. The saga's remaining way is launched on commit;
    ``saga`` is what the database says afterwards.
    """
    rows = Saga.objects.filter(
        pk=read_as.pk,
        fence=read_as.fence,
        state=read_as.state,
        step=read_as.step,
        claimed_by="",
    )
    written = rows.update(fence=read_as.fence + 1, **changes)
    saga.refresh_from_db()
    if not written:
        refuse_unless_still(saga, None)
        raise Changed(saga.reference, saga.state, saga.step)
    now = timezone.now()
    Attempt.objects.create(
        saga=saga,
        fence=saga.fence,
        step=read_as.step,
        direction=read_as.direction,
        number=0,
        started_at=now,
        ended_at=now,
        **history,
    )
    if saga.state in LIVE:
        launch_on_commit(saga.pk)
