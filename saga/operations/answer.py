"""Hand the answer of the outside to the step that asked for it, once."""

from typing import Any

from django.db import transaction

from saga.callbacks import digest
from saga.children import lock
from saga.definition import get_definition
from saga.errors import (
    AnsweredOtherwise,
    ForeignToken,
    TooLate,
    UnknownDefinition,
    UnknownToken,
)
from saga.models import LIVE, Callback, Direction, Saga
from saga.operations.start import wake_rows
from shop import database_clock


@transaction.atomic
def answer(token: str, payload: dict[str, Any], *, reference: str = "") -> bool:
    """Store the answer and wake the saga. Return False if it was given before.

    ``reference`` is the saga that the answer is about, if the answer names one. An
    answer that comes before the saga has begun to wait is found when it does. Raises
    UnknownToken, ForeignToken, TooLate, AnsweredOtherwise; then nothing was stored.
    """
    asked = Callback.objects.filter(digest=digest(token)).first()
    if asked is None:
        raise UnknownToken
    saga = lock(asked.saga_id)
    if reference and saga.reference != reference:
        raise ForeignToken(reference)
    asked.refresh_from_db()
    if asked.answered_at is not None:
        if asked.payload != payload:
            raise AnsweredOtherwise(saga.reference)
        return False
    now = database_clock.read()
    if now >= asked.deadline or not _still_asks(saga, asked):
        raise TooLate(saga.reference)
    rows = Callback.objects.filter(pk=asked.pk, answered_at=None)
    rows.update(answered_at=now, payload=payload)
    wake_rows(Saga.objects.filter(pk=saga.pk))
    return True


def _still_asks(saga: Saga, asked: Callback) -> bool:
    """Return whether the saga is still before the step that asked."""
    if saga.state not in LIVE or saga.direction != Direction.DO:
        return False
    try:
        today = get_definition(saga.definition).today
    except UnknownDefinition:
        return saga.step == asked.step
    return today(saga.step) == today(asked.step)
