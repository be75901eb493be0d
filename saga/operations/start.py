"""Start a saga, and wake it when there is news for it."""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Value, When

from saga.changes import EXPECTED_WITHIN, begin
from saga.definition import Definition
from saga.enqueue import publish, publish_on_commit
from saga.log_context import about
from saga.models import INPUT, Saga, SagaQuerySet, State
from shop.database_clock import Now
from shop.traces.spans import span

logger = logging.getLogger(__name__)


# Every order calls it: no savepoint within the order's transaction.
@transaction.atomic(savepoint=False)
def start(
    definition: Definition, reference: str, inputs: Mapping[str, Any] | None = None
) -> Saga:
    """Create the saga of ``reference`` and enqueue it on commit. Return it.

    ``inputs`` is what its steps read as ``Context.input``: values that JSON can hold.
    """
    saga = begin(
        definition=definition.name,
        version=definition.version,
        reference=reference,
        step=definition.along("")[0].name,
        data={INPUT: dict(inputs)} if inputs else {},
    )
    # Robust, as in enqueue. The row is the newest, so it need not be read again.
    transaction.on_commit(lambda: _begin(saga), robust=True)
    return saga


def _begin(saga: Saga) -> None:
    with about(saga):
        logger.info("%s begins", saga)
    publish(saga)


def start_once(
    definition: Definition, reference: str, inputs: Mapping[str, Any] | None = None
) -> tuple[Saga, bool]:
    """Start the saga of ``reference``, unless it was started before.

    Of any number of callers one starts it: a constraint decides. Return the saga, and
    whether this call started it.
    """
    try:
        with transaction.atomic():
            return start(definition, reference, inputs), True
    except IntegrityError:
        rows = Saga.objects.main_paths()
        return rows.get(definition=definition.name, reference=reference), False


@transaction.atomic
def wake(definition: Definition, reference: str) -> bool:
    """Let a waiting saga run its step again. Return whether there is such a saga.

    Harmless at any time and any number of times. A saga that is not waiting only
    counts the signal: if its step is just about to wait, it runs once more instead. The
    same holds for its branches.
    """
    return wake_rows(
        Saga.objects.filter(definition=definition.name, reference=reference)
    )


def wake_rows(rows: SagaQuerySet) -> bool:
    """Wake these, in the caller's transaction. Return whether any has not ended."""
    # Branches before their main path, as everywhere: this order avoids deadlocks.
    found = list(rows.live().order_by("-pk"))
    return sum(_wake(saga) for saga in found) > 0


def _wake(saga: Saga) -> bool:
    with about(saga), span("wake"):
        return _count_signal(saga)


def _count_signal(saga: Saga) -> bool:
    waiting = {"state": State.WAITING.value}
    called = (
        Saga.objects.live()
        .filter(pk=saga.pk)
        .update(
            signals=F("signals") + 1,
            state=Case(
                When(**waiting, then=Value(State.RUNNING.value)), default=F("state")
            ),
            due_at=Case(When(**waiting, then=Now()), default=F("due_at")),
            sweep_at=Case(
                When(**waiting, then=Now(EXPECTED_WITHIN)),
                default=F("sweep_at"),
            ),
        )
    )
    # Read before the update, so it may be out of date; then the sweeper enqueues it.
    if called and saga.state == State.WAITING:
        publish_on_commit(saga.pk)
    return bool(called)
