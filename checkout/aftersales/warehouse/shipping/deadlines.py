"""Until when the warehouse may take its time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

_SATURDAY = 5
# How long the shop waits for its own call-off after the warehouse reports one.
CALL_OFF_WITHIN = timedelta(minutes=10)
# How often a late warehouse is asked again.
ASKED_EVERY = timedelta(hours=1)
# How often the shortage desk is looked at, in case that its wake-up was lost.
DESK_EVERY = timedelta(minutes=15)


def acceptance(asked_at: datetime) -> datetime:
    return asked_at + timedelta(hours=settings.WAREHOUSE_ACCEPT_HOURS)


def shipment(accepted_at: datetime) -> datetime:
    """Return the same time of day, so many working days later (Monday to Friday)."""
    day, left = timezone.localtime(accepted_at), settings.WAREHOUSE_SHIP_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return day


def delivery(shipped_at: datetime) -> datetime:
    return shipped_at + timedelta(days=settings.WAREHOUSE_DELIVERY_DAYS)
