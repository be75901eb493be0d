"""When the provider is asked about a refund or a dispute: planned, done, in vain."""

from datetime import datetime

from django.db.models import F

from orders.models import Dispute, Refund

Row = Refund | Dispute


def plan_look(row: Row, at: datetime) -> bool:
    """Plan the next look; False when somebody else did since ``row`` was read."""
    rows = type(row).objects.filter(pk=row.pk, looks=row.looks)
    return bool(rows.update(look_at=at, looks=F("looks") + 1))


def set_look(row: Row, seen: int, at: datetime | None) -> None:
    """After a look: the next one ``at``, unless one was planned since.

    ``seen`` is how many looks had been planned when this one began.
    """
    rows = type(row).objects.filter(pk=row.pk)
    rows.filter(looks=seen).update(look_at=at)
    rows.update(error="")


def note_failure(row: Row, error: str) -> None:
    """Keep why a look told nothing; the next one is planned already."""
    type(row).objects.filter(pk=row.pk).update(error=error[:300])
