"""Stopped sagas by cause: the step, the direction, and the error without names.

Those of background definitions are left out: each is a matter of its own.
"""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from saga.definition import background_names
from saga.error_signature import error_signature
from saga.models import Saga, State

_NAMED = 5


@dataclass(frozen=True)
class FailureGroup:
    """Sagas that stopped in the same way. The same cause has the same ``id``.

    ``since`` is when the first of them stopped; ``references`` are the first few.
    """

    id: str
    step: str
    direction: str
    signature: str
    count: int
    since: datetime
    references: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"since": self.since.isoformat()}


def failure_group_id(saga: Saga) -> str:
    """Return the short id of the saga's group; empty unless the saga stopped."""
    if saga.state != State.FAILED:
        return ""
    cause = (saga.definition, saga.step, saga.direction, signature_of(saga))
    return hashlib.sha256("\0".join(cause).encode()).hexdigest()[:8]


def signature_of(saga: Saga) -> str:
    return error_signature(saga.error_class, saga.error)


def failure_groups() -> list[FailureGroup]:
    """Return all stopped sagas in groups, the largest first. One query."""
    rows = [_group(name, sagas) for name, sagas in grouped().items()]
    return sorted(rows, key=lambda group: (-group.count, group.id))


def grouped() -> dict[str, list[Saga]]:
    """Return group's id -> its sagas, in the order in which they stopped."""
    found: dict[str, list[Saga]] = {}
    for saga in _stopped():
        found.setdefault(failure_group_id(saga), []).append(saga)
    return found


def sagas_of_group(name: str) -> list[Saga]:
    """Return a group's sagas, in the order in which they stopped."""
    return [saga for saga in _stopped() if failure_group_id(saga) == name]


def _stopped() -> list[Saga]:
    rows = Saga.objects.failed().exclude(definition__in=background_names())
    return list(rows.defer("data").order_by("failed_at", "id"))


def _group(name: str, sagas: list[Saga]) -> FailureGroup:
    first = sagas[0]
    return FailureGroup(
        id=name,
        step=first.step,
        direction=first.direction,
        signature=signature_of(first),
        count=len(sagas),
        # A constraint-free column, so typed as optional: one that stopped has it.
        since=first.failed_at or first.due_at,
        references=tuple(saga.reference for saga in sagas[:_NAMED]),
    )
