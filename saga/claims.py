"""Claim a saga's step, and give the claim back."""

import logging
import traceback
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from saga.changes import SagaChanges, due_at
from saga.errors import LostClaim, StepError
from saga.log_context import about
from saga.models import Attempt, Direction, Saga, SagaQuerySet, State
from saga.processes import own_name
from shop.database.insert import insert
from shop.database_clock import Now
from shop.logs.context import bound
from shop.text.redaction import redact_text
from shop.text.stored import storable

logger = logging.getLogger(__name__)

# What is kept of an error's text and of its trace.
_LONGEST_ERROR = 2000
_LONGEST_TRACE = 8000

# One round trip: the worker that changes the row has the claim, and gets the new row.
# By hand, because it runs for every step and Django takes three times as long.
_CLAIM = """
UPDATE saga_saga
SET fence = fence + 1, attempt = attempt + 1, claimed_by = %s, claimed_at = {now},
    waiting_for = '', due_at = {lease_end}, sweep_at = {lease_end},
    pivot_at = COALESCE(pivot_at, {pivot})
WHERE id = %s AND step = %s AND state = %s AND due_at <= {now}
    AND fence = %s AND claimed_by = %s
RETURNING *
"""


def claim(saga: Saga, lease: timedelta, *, pivot: bool = False) -> Saga | None:
    """Claim the saga's present step until the lease ends, or return None.

    One statement: of any number of callers one wins. None means that another worker
    has or had the claim since ``saga`` was read, that the saga is not due, or that it
    has moved on. ``pivot`` marks in the same statement that the pivot is passed.
    """
    state = State.COMPENSATING if saga.direction == Direction.UNDO else State.RUNNING
    now, now_values = Now().as_sql(None, connection)
    end, end_values = Now(lease).as_sql(None, connection)
    statement = _CLAIM.format(now=now, lease_end=end, pivot=now if pivot else "NULL")
    rows = Saga.objects.raw(
        statement,
        [
            own_name(),
            *now_values,
            *end_values * 2,
            *(now_values if pivot else ()),
            *(saga.pk, saga.step, state.value),
            *now_values,
            *(saga.fence, saga.claimed_by),
        ],
    )
    return next(iter(rows), None)


def take(saga: Saga, lease: timedelta, *, pivot: bool = False) -> Saga | None:
    """Claim the saga's step as claim does, in the caller's transaction.

    If the lease of another worker has ended and the sweeper has not counted its try as
    lost yet, the history gets that try.
    """
    claimed = claim(saga, lease, pivot=pivot)
    if claimed is not None and saga.claimed_by:
        close_attempt(saga, Attempt.Outcome.LOST)
    return claimed


def claimed_ahead(saga: Saga, lease: timedelta, *, pivot: bool) -> SagaChanges:
    """Return the fields by which the claim of a saga passes to its next step.

    They are written by the update that finishes the present step. ``pivot`` says that
    the next step is one.
    """
    fields: SagaChanges = {
        "fence": saga.fence + 1,
        "attempt": 1,
        "claimed_by": own_name(),
        "claimed_at": Now(),
        "waiting_for": "",
        **due_at(Now(lease)),
    }
    if pivot:
        fields["pivot_at"] = saga.pivot_at or Now()
    return fields


def close_attempt(
    saga: Saga,
    outcome: Attempt.Outcome,
    output: dict[str, Any] | None = None,
    error: BaseException | None = None,
) -> None:
    """Write the claimed try to the history, with its beginning and its outcome."""
    end: dict[str, str] = {}
    if error is not None:
        trace = "".join(traceback.format_exception(error))
        end = {
            "error_class": type(error).__name__,
            "error": describe(error),
            "trace": storable(redact_text(trace))[-_LONGEST_TRACE:],
        }
    values = {
        "saga_id": saga.pk,
        "fence": saga.fence,
        "step": saga.step,
        "direction": saga.direction,
        "number": saga.attempt,
        "started_at": saga.claimed_at or Now(),
        "ended_at": Now(),
        "outcome": outcome,
        "output": output or {},
        "worker": saga.claimed_by,
    }
    insert(Attempt, values | end)
    transaction.on_commit(lambda: _log_end(saga, outcome.value), robust=True)


def _log_end(saga: Saga, outcome: str) -> None:
    with about(saga), bound(outcome=outcome):
        logger.info("%s: %s ended: %s", saga, saga.step, outcome)


def describe(error: BaseException) -> str:
    """Return the error for staff: redacted, with its class if it is no step's error."""
    name = type(error).__name__
    text = str(error) if isinstance(error, StepError) else f"{name}: {error}"
    return storable(redact_text(text), _LONGEST_ERROR)


def move(saga: Saga, changes: SagaChanges) -> None:
    """Write ``changes`` and end the claim, if it is still ours.

    Raises LostClaim otherwise, so that a transaction beginning with it rolls back.
    ``saga`` itself stays as it was claimed.
    """
    if not _claimed(saga).update(**(_ENDED | changes)):
        raise _lost(saga)


def move_and_return(saga: Saga, changes: SagaChanges) -> Saga:
    """Do what ``move`` does, and return the saga as it is then."""
    moved = _claimed(saga).update_and_return(_ENDED | changes)
    if moved is None:
        raise _lost(saga)
    # A wake-up meanwhile must reach the next step too, if that is about to wait.
    moved.signals = saga.signals
    return moved


_ENDED: SagaChanges = {"claimed_by": ""}


def _claimed(saga: Saga) -> SagaQuerySet:
    # The fence alone does not tell a claim that stands from one that has ended: a
    # slow worker and the sweeper that counts it as lost hold the same one.
    return Saga.objects.filter(pk=saga.pk, fence=saga.fence, claimed_by=saga.claimed_by)


def _lost(saga: Saga) -> LostClaim:
    message = f"{saga.reference}: {saga.step} was taken over by another worker"
    return LostClaim(message)
