"""Deliver events of the past to one consumer, again or for the first time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from events.consumers import Consumer
from events.models import Delivery, Event
from shop.database_clock import Now

BATCH = 500


@dataclass(frozen=True)
class Period:
    """Which events: their time, ``until`` itself excluded, and a pattern of types."""

    since: datetime | None = None
    until: datetime | None = None
    type: str = ""


def chosen(consumer: Consumer, period: Period) -> QuerySet[Event]:
    """Return the events of the period that this consumer wants, oldest first."""
    rows = Event.objects.order_by("pk")
    if period.since:
        rows = rows.filter(occurred_at__gte=period.since)
    if period.until:
        rows = rows.filter(occurred_at__lt=period.until)
    names = rows.order_by().values_list("type", flat=True).distinct()
    wanted = [
        name
        for name in names
        if consumer.wants(name) and (not period.type or name == period.type)
    ]
    return rows.filter(type__in=wanted)


def missing(consumer: Consumer, period: Period) -> QuerySet[Event]:
    """Return those of the chosen ones that were never to be delivered to it."""
    return chosen(consumer, period).exclude(deliveries__consumer=consumer.name)


class TellsPeople(Exception):
    """The consumer writes to people or to other systems, and nobody asked for that."""

    def __init__(self, consumer: Consumer) -> None:
        super().__init__(
            f"{consumer.name} writes to people or to other systems: events of the past "
            "are delivered to it only if that is asked for"
        )


def replay(
    consumer: Consumer,
    period: Period,
    on_progress: Callable[[int], None],
    *,
    sends: bool = False,
) -> int:
    """Have the events delivered again. Return how many.

    Raises TellsPeople for a consumer that writes to the outside, unless ``sends``.

    In batches, so that memory stays bounded: ``on_progress`` is told how many are done.
    What waits for its delivery already is delivered once.
    """
    if consumer.tells_people and not sends:
        raise TellsPeople(consumer)
    # Which types that are is asked once: it reads all events of the period.
    return _in_batches(
        chosen(consumer, period), lambda batch: _again(consumer, batch), on_progress
    )


def deliver_missing(consumer: Consumer, period: Period) -> int:
    """Have those delivered that were never to be delivered to it. Return how many."""
    return _in_batches(
        missing(consumer, period),
        lambda batch: _deliver(consumer, batch),
        lambda _done: None,
    )


def _in_batches(
    rows: QuerySet[Event],
    act: Callable[[list[Event]], None],
    on_progress: Callable[[int], None],
) -> int:
    done, last = 0, 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        act(batch)
        last = batch[-1].pk
        done += len(batch)
        on_progress(done)
    return done


def _deliver(consumer: Consumer, events: list[Event]) -> None:
    Delivery.objects.bulk_create(
        [
            Delivery(event=event, consumer=consumer.name, subject=event.subject)
            for event in events
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def _again(consumer: Consumer, events: list[Event]) -> None:
    _deliver(consumer, events)
    ended = Delivery.objects.filter(consumer=consumer.name, event__in=events)
    ended.exclude(state=Delivery.State.WAITING).update(
        state=Delivery.State.WAITING,
        fence=F("fence") + 1,
        attempts=0,
        due_at=Now(),
        ended_at=None,
        is_outage=False,
    )
