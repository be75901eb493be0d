"""Heartbeats: every needed process reports regularly that it is alive."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import Error, IntegrityError, connection, models
from django.db.models import ExpressionWrapper, Q, Value
from django.utils import timezone

from saga.models import Heartbeat
from saga.processes import own_name
from shop.database_clock import Now

logger = logging.getLogger(__name__)

EVERY = 10.0  # seconds
SILENT_AFTER = timedelta(seconds=35)
# A clock further from the database's is wrong. Clocks that NTP keeps are milliseconds
# apart.
CLOCK_TOLERANCE = timedelta(seconds=2)


def beat(role: str, queues: Iterable[str] = ()) -> None:
    """Report with one update that this process is alive.

    It also says to which ``queues`` it listens, and what time it has.
    """
    begun = time.monotonic()
    # The database compares: so the offset also holds the way to it, some milliseconds.
    offset = ExpressionWrapper(Value(timezone.now()) - Now(), models.DurationField())
    seen: dict[str, Any] = {
        "seen_at": Now(),
        "clock_offset": offset,
        "queues": ",".join(queues),
    }
    mine = Heartbeat.objects.filter(role=role, process=own_name())
    try:
        if not mine.update(**seen):
            mine.create(role=role, process=own_name(), started_at=Now(), **seen)
    except IntegrityError:
        logger.info("%s beat twice at once", role)
    if time.monotonic() - begun > CLOCK_TOLERANCE.total_seconds() / 2:
        # On such a slow way, an offset says nothing about the clock.
        mine.update(clock_offset=None)


class Pulse:
    """Beats from a loop that runs more often than a beat is needed."""

    def __init__(self, role: str) -> None:
        self.role = role
        self._next = 0.0

    def pass_by(self) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY
            beat(self.role)


def beat_in_background(
    role: str,
    ended: threading.Event,
    queues: Callable[[], Iterable[str]] = tuple,
    jobs: Iterable[Callable[[], object]] = (),
) -> threading.Thread:
    """Beat from a new thread until ``ended`` is set, and return the thread.

    ``queues`` returns the queues to which this process listens at that moment. ``jobs``
    are called after each beat.
    """
    thread = threading.Thread(
        target=_repeat,
        args=(role, ended, queues, tuple(jobs)),
        name=f"{role} heartbeat",
        daemon=True,
    )
    thread.start()
    return thread


def last_seen() -> dict[str, datetime]:
    """Return role -> the time of its last heartbeat."""
    return dict(Heartbeat.objects.order_by("seen_at").values_list("role", "seen_at"))


def heard_queues() -> set[str]:
    """Return the queues to which a process listens that has not gone silent."""
    alive = Heartbeat.objects.filter(seen_at__gte=Now(-SILENT_AFTER))
    listed = alive.exclude(queues="").values_list("queues", flat=True)
    return {queue for queues in listed for queue in queues.split(",")}


def wrong_clocks() -> list[Heartbeat]:
    """Return the processes that are alive and whose host has a wrong clock.

    One of each role and host, by role.
    """
    wrong = Q(clock_offset__gt=CLOCK_TOLERANCE) | Q(clock_offset__lt=-CLOCK_TOLERANCE)
    alive = Heartbeat.objects.filter(wrong, seen_at__gte=Now(-SILENT_AFTER))
    beats = alive.order_by("role", "process")
    return list({(beat.role, beat.host): beat for beat in beats}.values())


def _repeat(
    role: str,
    ended: threading.Event,
    queues: Callable[[], Iterable[str]],
    jobs: tuple[Callable[[], object], ...],
) -> None:
    while True:
        try:
            beat(role, queues())
            for job in jobs:
                job()
        except Error as error:
            logger.warning("%s could not say that it is alive: %s", role, error)
        except Exception:
            # A silent process counts as dead, so this thread must outlast any fault.
            logger.exception("the heartbeat of %s failed", role)
        finally:
            # A connection kept open would be inherited by processes forked meanwhile.
            connection.close()
        if ended.wait(EVERY):
            return
