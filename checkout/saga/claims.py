"""Taking a saga's step, and giving it back: the two statements all else rests on."""

import os
import socket
import traceback
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from checkout.saga.errors import LostClaim, StepError
from checkout.saga.models import Attempt, Direction, Saga, State

# How long a message may take to arrive before the sweeper looks.
EXPECTED_WITHIN = timedelta(seconds=settings.SAGA_MESSAGE_GRACE)

# One round trip: whoever changes the row has it, and learns what it was given.
_CLAIM = """
UPDATE saga_saga
SET fence = fence + 1, attempt = attempt + 1, claimed_by = %s, waiting_for = '',
    due_at = %s, sweep_at = %s, pivot_at = COALESCE(pivot_at, %s)
WHERE id = %s AND step = %s AND state = %s AND due_at <= %s
RETURNING *
"""


def worker_name() -> str:
    """Return who claims, as staff will read it: host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def claim(saga: Saga, lease: timedelta, *, pivot: bool = False) -> Saga | None:
    """Take the saga's present step until the lease ends, or return None.

    Atomic in itself: of any number of callers one wins. None means that somebody
    else has it, that it is not due, or that it has moved on. ``pivot`` marks, in the
    same statement, that there is no way back.
    """
    adapt = connection.ops.adapt_datetimefield_value
    now = timezone.now()
    state = State.COMPENSATING if saga.direction == Direction.UNDO else State.RUNNING
    lease_end = adapt(now + lease)
    rows = Saga.objects.raw(
        _CLAIM,
        [
            worker_name(),
            lease_end,
            lease_end,
            adapt(now) if pivot else None,
            saga.pk,
            saga.step,
            state.value,
            adapt(now),
        ],
    )
    return next(iter(rows), None)


def open_attempt(saga: Saga) -> None:
    """Write into the history that the claimed step begins."""
    if saga.attempt > 1:
        # Taken over after its lease, before the sweeper counted it as lost.
        under_way = Attempt.objects.filter(saga=saga, outcome=Attempt.Outcome.STARTED)
        under_way.update(outcome=Attempt.Outcome.LOST, ended_at=timezone.now())
    Attempt.objects.create(
        saga=saga,
        fence=saga.fence,
        step=saga.step,
        direction=saga.direction,
        number=saga.attempt,
        started_at=timezone.now(),
        worker=saga.claimed_by,
    )


def close_attempt(
    saga: Saga,
    outcome: Attempt.Outcome,
    output: dict[str, Any] | None = None,
    error: BaseException | None = None,
) -> None:
    """Write how the claimed step ended; a step without an open row gets one now."""
    now = timezone.now()
    end: dict[str, Any] = {"ended_at": now, "outcome": outcome, "output": output or {}}
    if error is not None:
        end |= {
            "error_class": type(error).__name__,
            "error": plain(error),
            "trace": "".join(traceback.format_exception(error))[-8000:],
        }
    rows = Attempt.objects.filter(saga=saga, fence=saga.fence)
    if not rows.update(**end):
        Attempt.objects.create(
            saga=saga,
            fence=saga.fence,
            step=saga.step,
            direction=saga.direction,
            number=saga.attempt,
            started_at=now,
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
    return text[:2000]


def move(saga: Saga, **changes: Any) -> None:
    """Write ``changes`` and end the claim, if it is still ours.

    Raises LostClaim otherwise, so that a transaction beginning with it rolls back.
    ``saga`` itself stays as it was claimed; read it again to go on.
    """
    changes.setdefault("claimed_by", "")
    # The fence alone does not tell a claim that stands from one that has ended: a
    # slow worker and the sweeper that counts it as lost hold the same one.
    rows = Saga.objects.filter(pk=saga.pk, fence=saga.fence, claimed_by=saga.claimed_by)
    if not rows.update(**changes):
        message = f"{saga.reference}: {saga.step} was taken over by somebody else"
        raise LostClaim(message)
