"""Sagas that start by the calendar: once for each period, whatever dies.

The period is the saga's reference, so the constraint that allows one saga for a
reference allows one for a period, whoever starts it: any number of sweepers, a command,
or a person. How far a schedule came is stored in the transaction that starts the saga.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from django.db import transaction
from django.utils import timezone

from saga.definition import Definition
from saga.models import PeriodicJob
from saga.operations import start_once

logger = logging.getLogger(__name__)

# After a long stop, so many periods of each schedule are made up for in one round.
MOST_AT_ONCE = 10


class Every(Enum):
    """How often a schedule starts its saga: on which days."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def includes(self, day: date) -> bool:
        """Return whether it starts on that day: weeks on Mondays, months on the 1st."""
        if self is Every.WEEK:
            return day.weekday() == 0
        return self is Every.DAY or day.day == 1


@dataclass(frozen=True)
class Schedule:
    """Start a saga of ``definition`` on each such day, at ``at`` in the shop's zone.

    The reference is the period that has just ended: yesterday (2026-11-30), the week
    before (2026-W48) or the month before (2026-11).
    """

    definition: Definition
    every: Every
    at: time

    @property
    def name(self) -> str:
        return f"start {self.definition.name}"[:40]

    def period(self, day: date) -> str:
        """Return the reference of the saga that starts on that day."""
        last = day - timedelta(days=1)
        if self.every is Every.DAY:
            return last.isoformat()
        if self.every is Every.MONTH:
            return f"{last:%Y-%m}"
        year, week, _day = last.isocalendar()
        return f"{year}-W{week:02}"

    def moment(self, day: date) -> datetime:
        return timezone.make_aware(datetime.combine(day, self.at))

    def due(self, since: datetime, now: datetime) -> Iterator[date]:
        """Yield the days on which it starts, after ``since`` and up to ``now``."""
        day, last = timezone.localdate(since), timezone.localdate(now)
        while day <= last:
            if self.every.includes(day) and since < self.moment(day) <= now:
                yield day
            day += timedelta(days=1)


_schedules: dict[str, Schedule] = {}


def register_schedule(schedule: Schedule) -> Schedule:
    """Let the sweepers start its saga. Return it. Twice is once."""
    _schedules[schedule.definition.name] = schedule
    return schedule


def all_schedules() -> list[Schedule]:
    """Return every schedule of this code, by its definition's name."""
    return sorted(_schedules.values(), key=lambda one: one.definition.name)


def start_due(now: datetime) -> int:
    """Start the sagas of all periods that ended by now. Return how many it started.

    Periods that passed while nothing ran are made up for, the oldest first. A schedule
    begins with the first period that ends after the code knows it.
    """
    return sum(_start_due(schedule, now) for schedule in all_schedules())


def _start_due(schedule: Schedule, now: datetime) -> int:
    job, _is_new = PeriodicJob.objects.get_or_create(
        name=schedule.name, defaults={"done_at": now}
    )
    started = 0
    days = schedule.due(job.done_at, now)
    for day in [day for day, _number in zip(days, range(MOST_AT_ONCE), strict=False)]:
        with transaction.atomic():
            moment = schedule.moment(day)
            rows = PeriodicJob.objects.filter(pk=job.pk, done_at__lt=moment)
            if rows.update(done_at=moment):
                saga, is_new = start_once(schedule.definition, schedule.period(day))
                started += is_new
                logger.info("%s: %s", schedule.name, saga.reference)
    return started
