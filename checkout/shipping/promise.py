"""The promise: when an order of now is handed over, and when it arrives.

The only calculation of a delivery date. Pages, mails and orders show what it says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import jpholiday
from django.utils import timezone

from checkout.shipping.wording import write_days, write_deadline

_DAY = timedelta(days=1)
# A shop that is closed for longer promises nothing.
_LOOK_AHEAD = 366


@dataclass(frozen=True)
class Calendar:
    """The shop's working days: of the week (Monday is 0), and those that differ.

    ``cut_off`` is in the shop's time zone. ``handling_days`` are working days.
    """

    weekdays: frozenset[int]
    is_closed_on_holidays: bool
    cut_off: time
    handling_days: int
    special: Mapping[date, bool] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        special = self.special.get(day)
        if special is not None:
            return special
        if self.is_closed_on_holidays and is_national_holiday(day):
            return False
        return day.weekday() in self.weekdays

    def working_days(self, start: date) -> Iterator[date]:
        """Yield the working days from ``start`` on, of about a year."""
        days = (start + number * _DAY for number in range(_LOOK_AHEAD))
        return (day for day in days if self.is_working(day))


@dataclass(frozen=True)
class Transit:
    """How many days a parcel is under way, at least and at most.

    Calendar days: Japanese carriers deliver on every day of the year.
    """

    at_least: int
    at_most: int


@dataclass(frozen=True)
class Promise:
    """What holds for orders from ``now`` to ``order_by``.

    ``ship_by``: the day on which the parcel is handed over at the latest. It arrives
    from ``earliest`` to ``latest``. ``is_pickup``: it is ready to be picked up from
    ``latest`` on.
    """

    now: datetime
    order_by: datetime
    ship_by: date
    earliest: date
    latest: date
    is_pickup: bool = False
    # The day before which nothing is sent: goods in it are not released yet.
    not_before: date | None = None

    @property
    def dates(self) -> list[str]:
        """Return what a customer agrees to."""
        return [day.isoformat() for day in (self.ship_by, self.earliest, self.latest)]

    @property
    def days(self) -> str:
        """Return when it arrives, in the active language: Tue 1 Dec to Wed 2 Dec.

        Of a pick-up, from which day on it is ready.
        """
        first = self.latest if self.is_pickup else self.earliest
        return write_days(first, self.latest)

    @property
    def deadline(self) -> str:
        """Return until when to order, in the active language."""
        return write_deadline(self.now, self.order_by)


def promise(
    calendar: Calendar,
    transit: Transit,
    now: datetime,
    not_before: date | None = None,
) -> Promise | None:
    """Return the promise for an order of ``now`` (the database's time).

    ``not_before``: its goods are sent on no day before.

    None: the shop has no working day within the next year.
    """
    local = timezone.localtime(now)
    today = local.date()
    # The cut-off itself is too late, as for every deadline of the shop.
    is_late = local.time() >= calendar.cut_off
    days = list(calendar.working_days(today + _DAY if is_late else today))
    if len(days) <= calendar.handling_days:
        return None
    first, ship_by = days[0], days[calendar.handling_days]
    if not_before is not None and not_before > ship_by:
        later = next(calendar.working_days(not_before), None)
        if later is None:
            return None
        ship_by = later
    zone = timezone.get_default_timezone()
    return Promise(
        now=now,
        order_by=datetime.combine(first, calendar.cut_off, zone),
        ship_by=ship_by,
        earliest=ship_by + transit.at_least * _DAY,
        latest=ship_by + transit.at_most * _DAY,
        not_before=not_before if not_before and not_before > today else None,
    )


@lru_cache(maxsize=1024)
def is_national_holiday(day: date) -> bool:
    """Return whether ``day`` is a national holiday of Japan, or its substitute."""
    return bool(jpholiday.is_holiday(day))
