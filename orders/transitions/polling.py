"""When the provider is asked about a payment, refund or dispute, and the outcome."""

from datetime import datetime

from django.db.models import F

from orders.models import Dispute, Payment, Refund
from shop.text.stored import storable

Row = Refund | Dispute | Payment


def plan_poll(row: Row, at: datetime) -> bool:
    """Plan the next poll. Return False if one was planned since ``row`` was read."""
    rows = type(row).objects.filter(pk=row.pk, polls=row.polls)
    return bool(rows.update(poll_at=at, polls=F("polls") + 1))


def finish_poll(row: Row, seen: int, at: datetime | None) -> None:
    """Record that the provider answered, and plan the next poll ``at`` that time.

    ``seen`` is the number of polls that had been planned when this one began. If
    another was planned since, its time stays.
    """
    rows = type(row).objects.filter(pk=row.pk)
    rows.filter(polls=seen).update(poll_at=at)
    rows.update(error="")


def note_failure(row: Row, error: str) -> None:
    """Record why a poll brought no answer. The next one is planned already."""
    type(row).objects.filter(pk=row.pk).update(error=storable(error, 300))
