"""Rows of children: beginning one, and locking one."""

from typing import Any

from django.db import transaction

from saga.changes import begin
from saga.definition import Definition
from saga.enqueue import publish
from saga.models import INPUT, Saga


def begin_child_of(
    saga: Saga, theirs: Definition, reference: str, data: dict[str, Any]
) -> None:
    """Begin a child at the saga's present step, and enqueue it on commit."""
    begun = begin(
        definition=theirs.name,
        version=theirs.version,
        reference=reference,
        parent=saga,
        parent_step=saga.step,
        step=theirs.along("")[0].name,
        data={INPUT: data} if data else {},
    )
    transaction.on_commit(lambda: publish(begun), robust=True)


def lock(pk: int) -> Saga:
    """Read a row and lock it until the transaction ends.

    SQLite has no row locks; there the conditions of the updates guard the row.
    """
    return Saga.objects.select_for_update().get(pk=pk)
