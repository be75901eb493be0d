"""Claim a saga's step, and give the claim back."""

import os
import socket
import traceback
from copy import copy
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from saga.changes import SagaChanges, due_at
from saga.errors import LostClaim, StepError
from saga.models import Attempt, Direction, Saga, State
from shop.redaction import redact_text

# One round trip: the worker that changes the row has the claim, and gets the new row.
_CLAIM = """
UPDATE saga_saga
SET fence = fence + 1, attempt = attempt + 1, claimed_by = %s, claimed_at = %s,
    waiting_for = '', due_at = %s, sweep_at = %s, pivot_at = COALESCE(pivot_at, %s)
WHERE id = %s AND step = %s AND state = %s AND due_at <= %s
    AND fence = %s AND claimed_by = %s
RETURNING *
"""


def worker_name() -> str:
    """Return the name of this process for staff: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def claim(saga: Saga, lease: timedelta, *, pivot: bool = False) -> Saga | None:
    """Claim the saga's present step until the lease ends, or return None.

    One statement: of any number of callers one wins. None means that another worker
    has or had the claim since ``saga`` was read, that the saga is not due, or that it
    has moved on. ``pivot`` marks in the same statement that the pivot is passed.
    """
    adapt = connection.ops.adapt_datetimefield_value
    now = timezone.now()
    state = State.COMPENSATING if saga.direction == Direction.UNDO else State.RUNNING
    lease_end = adapt(now + lease)
    rows = Saga.objects.raw(
        _CLAIM,
        [
            worker_name(),
            adapt(now),
            lease_end,
            lease_end,
            adapt(now) if pivot else None,
            saga.pk,
            saga.step,
            state.value,
            adapt(now),
            saga.fence,
            saga.claimed_by,
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
    now = timezone.now()
    fields: SagaChanges = {
        "fence": saga.fence + 1,
        "attempt": 1,
        "claimed_by": worker_name(),
        "claimed_at": now,
        "waiting_for": "",
        **due_at(now + lease),
    }
    if pivot:
        fields["pivot_at"] = saga.pivot_at or now
    return fields


def close_attempt(
    saga: Saga,
    outcome: Attempt.Outcome,
    output: dict[str, Any] | None = None,
    error: BaseException | None = None,
) -> None:
    """Write the claimed try to the history, with its beginning and its outcome."""
    now = timezone.now()
    end: dict[str, str] = {}
    if error is not None:
        end = {
            "error_class": type(error).__name__,
            "error": describe(error),
            "trace": redact_text("".join(traceback.format_exception(error)))[-8000:],
        }
    Attempt.objects.create(
        saga=saga,
        fence=saga.fence,
        step=saga.step,
        direction=saga.direction,
        number=saga.attempt,
        started_at=saga.claimed_at or now,
        ended_at=now,
        outcome=outcome,
        output=output or {},
        worker=saga.claimed_by,
        **end,
    )


def describe(error: BaseException) -> str:
    """Return the error for staff: redacted, with its class if it is no step's error."""
    name = type(error).__name__
    text = str(error) if isinstance(error, StepError) else f"{name}: {error}"
    return redact_text(text)[:2000]


def move(saga: Saga, changes: SagaChanges) -> None:
    """Write ``changes`` and end the claim, if it is still ours.

    Raises LostClaim otherwise, so that a transaction beginning with it rolls back.
    ``saga`` itself stays as it was claimed.
    """
    # The fence alone does not tell a claim that stands from one that has ended: a
    # slow worker and the sweeper that counts it as lost hold the same one.
    rows = Saga.objects.filter(pk=saga.pk, fence=saga.fence, claimed_by=saga.claimed_by)
    ended: SagaChanges = {"claimed_by": ""}
    if not rows.update(**(ended | changes)):
        message = f"{saga.reference}: {saga.step} was taken over by another worker"
        raise LostClaim(message)


def moved(saga: Saga, changes: SagaChanges) -> Saga:
    """Return the saga as ``changes`` left it, without reading it again.

    Nobody else writes to a claimed saga except ``signals``, which may have grown: then
    a step that is about to wait runs once more than it had to.
    """
    now = copy(saga)
    ended: SagaChanges = {"claimed_by": ""}
    for name, value in (ended | changes).items():
        setattr(now, name, value)
    return now
