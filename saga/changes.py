"""Fields that are written to a saga, and the sets of them that recur."""

from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.conf import settings
from django.db.models import Case
from django.utils import timezone

from saga.models import Direction, State

# How long a message may take to arrive before the sweeper enqueues the saga again.
EXPECTED_WITHIN = timedelta(seconds=settings.SAGA_MESSAGE_GRACE)


class SagaChanges(TypedDict, total=False):
    """Fields of a saga and their new values; what is missing stays as it is."""

    state: State | Case
    direction: Direction
    step: str
    version: int
    attempt: int
    relaunches: int
    fence: int
    claimed_by: str
    claimed_at: datetime
    due_at: datetime | Case
    sweep_at: datetime | Case
    pivot_at: datetime | None
    data: dict[str, Any]
    reason: str
    waiting_for: str
    error: str
    error_kind: str
    error_class: str
    failed_at: datetime | None
    alert_wanted_at: datetime | None
    finished_at: datetime | None


def reset() -> SagaChanges:
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


def due_now() -> SagaChanges:
    """Return the fields of a saga that is due now and whose message is on its way."""
    now = timezone.now()
    return {"due_at": now, "sweep_at": now + EXPECTED_WITHIN}


def due_at(time: datetime) -> SagaChanges:
    """Return the fields of a saga that is due at ``time``, without a message."""
    return {"due_at": time, "sweep_at": time}


def joining(waiting_for: str) -> SagaChanges:
    """Return the fields of a saga that waits for its children.

    The child that ends last lets it go on; the sweeper checks it as well.
    """
    return {"state": State.JOINING, "waiting_for": waiting_for, **due_now()}


def running() -> SagaChanges:
    """Return the fields of a saga that continues with its step."""
    return {"state": State.RUNNING, **due_now()}


def done() -> SagaChanges:
    """Return the fields of a saga that has ended well."""
    return {"state": State.DONE, "finished_at": timezone.now()}
