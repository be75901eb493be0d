"""A period of whole days in the shop's zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone


@dataclass(frozen=True)
class Period:
    """From the beginning of ``since`` to the end of ``until``, in the shop's zone."""

    since: date
    until: date

    @property
    def start(self) -> datetime:
        return _midnight(self.since)

    @property
    def end(self) -> datetime:
        """Return the first moment after the period."""
        return _midnight(self.until + timedelta(days=1))

    @property
    def days(self) -> list[date]:
        count = (self.until - self.since).days + 1
        return [self.since + timedelta(days=n) for n in range(count)]


def this_month(today: date) -> Period:
    """Return the month so far."""
    return Period(today.replace(day=1), today)


def last_month(today: date) -> Period:
    end = today.replace(day=1) - timedelta(days=1)
    return Period(end.replace(day=1), end)


def _midnight(day: date) -> datetime:
    # A zone with summer time may have no midnight on that day: the moment is then the
    # one that the zone's offset before the change gives.
    return timezone.make_aware(datetime.combine(day, time.min))
