"""Taking a saga's step, and giving it back: the two statements all else rests on."""

import os
import socket
import traceback
from copy import copy
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from saga.definition import Step
from saga.errors import LostClaim, StepError
from saga.models import Attempt, Direction, Saga, State
from shop.redaction import redact_text

# How long a message may take to arrive before the sweeper looks.
EXPECTED_WITHIN = timedelta(seconds=settings.SAGA_MESSAGE_GRACE)

# One round trip: whoever changes the row has it, and learns what it was given.
_CLAIM = """
UPDATE saga_saga
SET fence = fence + 1, attempt = attempt + 1, claimed_by = %s, claimed_at = %s,
    waiting_for = '', due_at = %s, sweep_at = %s, pivot_at = COALESCE(pivot_at, %s)
WHERE id = %s AND step = %s AND state = %s AND due_at <= %s
    AND fence = %s AND claimed_by = %s
RETURNING *
"""


def worker_name() -> str:
    """Return who claims, as staff will read it: host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def claim(saga: Saga, lease: timedelta, *, pivot: bool = False) -> Saga | None:
    """Take the saga's present step until the lease ends, or return None.

    Atomic in itself: of any number of callers one wins. None means that somebody
    else has or had it since ``saga`` was read, that it is not due, or that it has
    moved on. ``pivot`` marks, in the same statement, that there is no way back.
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


def take(step: Step, saga: Saga, *, pivot: bool = False) -> Saga | None:
    """Claim the saga's step as claim does, in the caller's transaction.

    Where it is taken over from a worker whose lease has ended, before the sweeper
    counted that try as lost, the history says so.
    """
    claimed = claim(saga, step.lease, pivot=pivot)
    if claimed is not None and saga.claimed_by:
        close_attempt(saga, Attempt.Outcome.LOST)
    return claimed


def claimed_ahead(saga: Saga, step: Step) -> dict[str, Any]:
    """Return the fields by which the claim of a saga passes to its next step.

    To be written by the update that finishes the present one.
    """
    now = timezone.now()
    fields = {
        "fence": saga.fence + 1,
        "attempt": 1,
        "claimed_by": worker_name(),
        "claimed_at": now,
        "waiting_for": "",
        "due_at": now + step.lease,
        "sweep_at": now + step.lease,
    }
    return fields | ({"pivot_at": saga.pivot_at or now} if step.pivot else {})


def close_attempt(
    saga: Saga,
    outcome: Attempt.Outcome,
    output: dict[str, Any] | None = None,
    error: BaseException | None = None,
) -> None:
    """Write the claimed try into the history: when it began, and how it ended."""
    now = timezone.now()
    end: dict[str, Any] = {}
    if error is not None:
        end = {
            "error_class": type(error).__name__,
            "error": plain(error),
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


def clean() -> dict[str, Any]:
    """Return the fields that every success resets."""
    return {
        "attempt": 0,
        "relaunches": 0,
        "error": "",
        "error_kind": "",
        "error_class": "",
        "failed_at": None,
        "alert_wanted_at": None,
    }


def due(expected_within: timedelta = EXPECTED_WITHIN) -> dict[str, Any]:
    """Due now; the sweeper gives the message that should come a little time."""
    now = timezone.now()
    return {"due_at": now, "sweep_at": now + expected_within}


def plain(error: BaseException) -> str:
    """Return the sentence that staff read; one that no step wrote names its class."""
    name = type(error).__name__
    text = str(error) if isinstance(error, StepError) else f"{name}: {error}"
    return redact_text(text)[:2000]


def move(saga: Saga, **changes: Any) -> None:
    """Write ``changes`` and end the claim, if it is still ours.

    Raises LostClaim otherwise, so that a transaction beginning with it rolls back.
    ``saga`` itself stays as it was claimed.
    """
    changes.setdefault("claimed_by", "")
    # The fence alone does not tell a claim that stands from one that has ended: a
    # slow worker and the sweeper that counts it as lost hold the same one.
    rows = Saga.objects.filter(pk=saga.pk, fence=saga.fence, claimed_by=saga.claimed_by)
    if not rows.update(**changes):
        message = f"{saga.reference}: {saga.step} was taken over by somebody else"
        raise LostClaim(message)


def moved(saga: Saga, changes: dict[str, Any]) -> Saga:
    """Return the saga as ``changes`` left it, without asking for it again.

    Nobody else writes to a claimed saga but for ``signals``, which may have grown:
    then a step that is about to wait runs once more than it had to.
    """
    now = copy(saga)
    for name, value in ({"claimed_by": ""} | changes).items():
        setattr(now, name, value)
    return now
