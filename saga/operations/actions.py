"""What all actions of staff share: checks, one guarded update, one row of history."""

import math
from typing import Any, TypedDict

from saga.changes import SagaChanges, due_now
from saga.enqueue import publish_on_commit
from saga.errors import (
    ActionRefused,
    Busy,
    Changed,
    Ended,
    GoingBack,
    Joining,
    UnknownDefinition,
)
from saga.execution import Execution
from saga.models import LIVE, Attempt, Direction, Saga, State
from saga.resolve import resolve
from shop import database_clock
from shop.database_clock import Now


class InputChange(TypedDict):
    """An input before and after a change by staff; its step knows its type."""

    old: Any
    new: Any


class Entry(TypedDict, total=False):
    """The fields by which an action differs from others in the history."""

    outcome: Attempt.Outcome
    actor: str
    note: str
    input: dict[str, InputChange]
    output: dict[str, Any]


def read(saga: Saga, seen: int | None) -> Saga:
    """Return the saga as it is now, if it is unclaimed and on its way forward.

    Raises Ended, GoingBack, Busy, or Changed if its fence is not the one ``seen``.
    """
    now = Saga.objects.get(pk=saga.pk)
    if now.state in (State.DONE, State.COMPENSATED):
        raise Ended(now.reference, now.state)
    if now.direction == Direction.UNDO:
        raise GoingBack(now.reference)
    refuse_unless_still(now, seen)
    return now


def read_at_step(saga: Saga, seen: int | None) -> Execution:
    """Return the saga as it is now, if it has its present step before it.

    Raises as ``read`` does, and Joining.
    """
    now = read(saga, seen)
    if now.state == State.JOINING:
        raise Joining(now.reference)
    return find_execution(now)


def refuse_unless_still(saga: Saga, seen: int | None) -> None:
    """Raise Busy if a worker has it, Changed if its fence is not the one ``seen``."""
    if saga.claimed_by:
        left = (saga.due_at - database_clock.read()).total_seconds()
        # A lease that has run out is counted as lost in the sweeper's next round.
        raise Busy(saga.reference, max(1, math.ceil(left)))
    if seen is not None and saga.fence != seen:
        raise Changed(saga.reference, saga.state, saga.step)


def lock(read_as: Saga) -> None:
    """Lock the saga until the transaction ends.

    Raises Busy or Changed if it is not as it was read.
    """
    now = Saga.objects.select_for_update().get(pk=read_as.pk)
    refuse_unless_still(now, read_as.fence)


def find_execution(saga: Saga) -> Execution:
    """Return the saga with its definition. Raises ActionRefused if there is none."""
    try:
        return resolve(saga)
    except UnknownDefinition as error:
        message = f"{saga.reference}: {error}"
        raise ActionRefused(message, saga.reference) from error


def restarted() -> SagaChanges:
    """Return the fields of a saga that staff continue: its tries count from 0."""
    return {
        "state": State.RUNNING,
        "attempt": 0,
        "relaunches": 0,
        **due_now(),
        "waiting_for": "",
        "failed_at": None,
        "alert_wanted_at": None,
    }


def without_error() -> SagaChanges:
    return {"error": "", "error_kind": "", "error_class": ""}


def write(saga: Saga, read_as: Saga, changes: SagaChanges, entry: Entry) -> None:
    """Make the changes and record them, if the saga is still as it was read.

    Raises Busy or Changed otherwise. The saga is enqueued on commit; ``saga`` is read
    again from the database.
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
    Attempt.objects.create(
        saga=saga,
        fence=saga.fence,
        step=read_as.step,
        direction=read_as.direction,
        number=0,
        started_at=Now(),
        ended_at=Now(),
        **entry,
    )
    if saga.state in LIVE:
        publish_on_commit(saga.pk)
