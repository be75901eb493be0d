"""Until when the warehouse may take its time."""

from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.utils import timezone

from checkout.shipping.table import read_table
from saga.results import Wait
from shop import database_clock

# How long the shop waits for its own call-off after the warehouse reports one.
CALL_OFF_WITHIN = timedelta(minutes=10)
# How often a late warehouse is asked again.
ASKED_EVERY = timedelta(hours=1)
# How often the shortage desk is looked at, in case that its wake-up was lost.
DESK_EVERY = timedelta(minutes=15)


def acceptance(asked_at: datetime) -> datetime:
    return asked_at + timedelta(hours=settings.WAREHOUSE_ACCEPT_HOURS)


def shipment(accepted_at: datetime) -> datetime:
    """Return the same time of day, so many working days of the shop later.

    A shop that has none within a year waits so many days of the calendar.
    """
    table, _now = read_table()
    accepted, count = timezone.localtime(accepted_at), settings.WAREHOUSE_SHIP_DAYS
    following = table.calendar.working_days(accepted.date() + timedelta(days=1))
    days = list(islice(following, count))
    if len(days) < count:
        return accepted + timedelta(days=count)
    return datetime.combine(days[-1], accepted.timetz()) if days else accepted


def delivery(shipped_at: datetime) -> datetime:
    return shipped_at + timedelta(days=settings.WAREHOUSE_DELIVERY_DAYS)


def wait_until(deadline: datetime, waiting_for: str, alert: str) -> Wait:
    """Wait for a report; once it is late, alert staff and ask again every hour."""
    now = database_clock.read()
    if now < deadline:
        return Wait(deadline, waiting_for)
    return Wait(now + ASKED_EVERY, waiting_for, alert)
