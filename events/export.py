"""Events as lines of JSON, for analytics: one object a line (NDJSON)."""

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from events.models import Event
from events.replay import Period

BATCH = 500


def lines(period: Period, after: int = 0) -> Iterator[str]:
    """Yield one line for each event of the period, in the order of the stream.

    ``after``: only events behind this ``id``, the last one of the export before.
    Memory is bounded: events are read in batches.
    """
    rows = Event.objects.filter(pk__gt=after).order_by("pk")
    if period.since:
        rows = rows.filter(occurred_at__gte=period.since)
    if period.until:
        rows = rows.filter(occurred_at__lt=period.until)
    if period.type:
        rows = rows.filter(type=period.type)
    for event in rows.iterator(chunk_size=BATCH):
        yield json.dumps(described(event), ensure_ascii=False, separators=(",", ":"))


def described(event: Event) -> dict[str, Any]:
    """Return the event as plain values; times are UTC, ISO 8601."""
    return {
        "id": event.pk,
        "uid": str(event.uid),
        "type": event.type,
        "version": event.version,
        "subject": event.subject,
        "sequence": event.sequence,
        "correlation": event.correlation,
        "occurred_at": event.occurred_at.astimezone(UTC).isoformat(),
        "data": event.data,
    }
