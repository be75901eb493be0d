"""Make events of captured rows, and a delivery for each consumer that wants one.

Several routers may run at once: a captured row is removed by the one that routes it,
and who finds that another one was faster has done nothing.
"""

import hashlib
import logging
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from django.db import IntegrityError, transaction
from django.db.models import Max

from events.consumers import all_consumers
from events.models import CapturedRow, Delivery, Event
from events.types import Happening, all_sources, find_type

logger = logging.getLogger(__name__)

BATCH = 500


class AnotherRouter(Exception):
    """Another router has taken some of the rows: the transaction is rolled back."""


# Seconds of work in one turn, so that everything else need not wait.
AT_MOST = 5.0


def route_all() -> int:
    """Route what is captured, for a few seconds at most. Return how many rows."""
    enough = time.monotonic() + AT_MOST
    routed = 0
    while time.monotonic() < enough:
        batch = route()
        routed += batch
        if batch < BATCH:
            break
    return routed


def route(most: int = BATCH) -> int:
    """Route at most so many captured rows, oldest first. Return how many."""
    # Rows of a source that only a newer version knows wait for its router.
    known = [source.name for source in all_sources()]
    captured = CapturedRow.objects.filter(source__in=known)
    rows = list(captured.order_by("pk")[:most])
    if not rows:
        return 0
    try:
        return _route(rows)
    except (AnotherRouter, IntegrityError):
        logger.info("another router has taken the rows")
        return 0


@transaction.atomic
def _route(rows: Sequence[CapturedRow]) -> int:
    removed, _by_model = CapturedRow.objects.filter(
        pk__in=[row.pk for row in rows]
    ).delete()
    if removed != len(rows):
        raise AnotherRouter
    # By identifier: a row that was captured twice says the same.
    found = dict(_read(rows))
    before = set(Event.objects.filter(uid__in=found).values_list("uid", flat=True))
    new = [(uid, what) for uid, what in found.items() if uid not in before]
    events = Event.objects.bulk_create(numbered(new))
    Delivery.objects.bulk_create(_deliveries(events))
    return len(rows)


def _read(rows: Sequence[CapturedRow]) -> Iterator[tuple[uuid.UUID, Happening]]:
    """Yield what the rows say, in the order in which they were captured."""
    sources = {source.name: source for source in all_sources()}
    said: dict[tuple[str, int], Happening] = {}
    by_source = sorted(rows, key=lambda row: row.source)
    for name, mine in groupby(by_source, key=lambda row: row.source):
        keys = [row.row_id for row in mine]
        read = sources[name].read(keys)
        said |= {(name, key): what for key, what in read.items()}
    for row in rows:
        happening = said.get((row.source, row.row_id))
        if happening is not None:
            yield identifier(row.source, row.row_id, happening), happening


def identifier(source: str, row_id: int, happening: Happening) -> uuid.UUID:
    """Return the UUID (version 7) that follows from the row and its time."""
    milliseconds = int(happening.occurred_at.timestamp() * 1000)
    digest = hashlib.sha256(f"{source}:{row_id}".encode()).digest()
    rest = int.from_bytes(digest[:10]) & ((1 << 74) - 1)
    high, low = rest >> 62, rest & ((1 << 62) - 1)
    return uuid.UUID(
        int=(milliseconds << 80) | (7 << 76) | (high << 64) | (0b10 << 62) | low
    )


def numbered(found: Iterable[tuple[uuid.UUID, Happening]]) -> list[Event]:
    """Return the new events, numbered behind the known ones of their subjects."""
    new = list(found)
    subjects = {happening.subject for _uid, happening in new}
    numbers = dict(
        Event.objects.filter(subject__in=subjects)
        .order_by()
        .values_list("subject")
        .annotate(Max("sequence"))
    )
    events = []
    for uid, happening in new:
        number = numbers.get(happening.subject, 0) + 1
        numbers[happening.subject] = number
        events.append(
            Event(
                uid=uid,
                type=happening.type,
                subject=happening.subject,
                sequence=number,
                correlation=happening.correlation,
                occurred_at=happening.occurred_at,
                version=find_type(happening.type).version,
                data=dict(happening.data),
            )
        )
    return events


def _deliveries(events: Sequence[Event]) -> Iterator[Delivery]:
    consumers = all_consumers()
    for event in events:
        for consumer in consumers:
            if consumer.wants(event.type):
                yield Delivery(
                    event=event, consumer=consumer.name, subject=event.subject
                )
