"""Drop the statistics and build them anew from the events, to now or a time before.

Nothing is sent to anybody: events are read, and no delivery is made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, QuerySet

from checkout.statistics.facts import CHARGED, TYPES, VERSION
from checkout.statistics.models import OrderSales, SalesFigure, StatisticsBuild
from checkout.statistics.services import add
from events.models import Event
from orders.models import Payment
from shop.database_clock import Now

BATCH = 500


class EventsMissing(Exception):
    """Charges of which there is no event: built now, the figures would be too low."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"{number} charges are no events: they are older than the events, or their "
            "events have been removed by age. Run first: manage.py events_collect"
        )
        self.number = number


@dataclass(frozen=True)
class Built:
    """What was done: events read, and events that say too little (see TooOld)."""

    events: int
    too_old: int


def is_current() -> bool:
    """Return whether the figures are those of all events until now."""
    newest = StatisticsBuild.objects.first()
    return newest is None or bool(newest.finished_at and newest.until is None)


def chosen(until: datetime | None = None) -> QuerySet[Event]:
    """Return the events of which the statistics are made."""
    rows = Event.objects.filter(type__in=TYPES)
    return rows.filter(occurred_at__lt=until) if until else rows


def check_events() -> None:
    """Raise EventsMissing if charges are missing among the events."""
    charges = Payment.objects.filter(captured_minor__gt=0).count()
    known = Event.objects.filter(type=CHARGED).count()
    if known < charges:
        raise EventsMissing(charges - known)


def build(on_progress: Callable[[int], None], until: datetime | None = None) -> Built:
    """Drop all and add the events again, a batch a transaction; memory is bounded.

    Events that come meanwhile are added as well. If it is broken off, the sales report
    adds up the orders themselves until it is run again; so it does while there are
    events that say too little. Raises EventsMissing, and then changes nothing.
    """
    check_events()
    run = _begin(until)
    done = too_old = last = 0
    while True:
        batch = list(chosen(until).filter(pk__gt=last).order_by("pk")[:BATCH])
        if not batch:
            break
        usable = [event for event in batch if event.version >= VERSION]
        add(usable)
        last = batch[-1].pk
        done += len(batch)
        too_old += len(batch) - len(usable)
        StatisticsBuild.objects.filter(pk=run.pk).update(
            events=F("events") + len(batch)
        )
        on_progress(done)
    if not too_old:
        StatisticsBuild.objects.filter(pk=run.pk).update(finished_at=Now())
    return Built(done, too_old)


@transaction.atomic
def _begin(until: datetime | None) -> StatisticsBuild:
    if connection.vendor == "postgresql":
        # Whoever adds an event now has ended before, or begins with nothing.
        table = connection.ops.quote_name(OrderSales._meta.db_table)  # noqa: SLF001
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
    SalesFigure.objects.all().delete()
    OrderSales.objects.all().delete()
    return StatisticsBuild.objects.create(until=until)
