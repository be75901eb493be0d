"""Fields that are written to a saga, and the sets of them that recur."""

from datetime import timedelta
from typing import Any, TypedDict

from django.conf import settings
from django.db.models import Case

from saga.models import Direction, Saga, State
from shop.database_clock import Now, Time

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
    claimed_at: Time
    due_at: Time | Case
    sweep_at: Time | Case
    pivot_at: Time | None
    data: dict[str, Any]
    reason: str
    waiting_for: str
    error: str
    error_kind: str
    error_class: str
    failed_at: Time | None
    alert_wanted_at: Time | None
    finished_at: Time | None


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
    return {"due_at": Now(), "sweep_at": Now(EXPECTED_WITHIN)}


def begin(**fields: Any) -> Saga:
    """Create a saga that is due now and whose message is on its way."""
    saga = Saga.objects.create(**due_now(), **fields)
    # Known to the database only; who reads them has them fetched.
    del saga.due_at, saga.sweep_at
    return saga


def due_at(time: Time) -> SagaChanges:
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
    return {"state": State.DONE, "finished_at": Now()}
