"""Heartbeats: every needed process reports regularly that it is alive."""

import logging
import threading
import time
from datetime import datetime, timedelta

from django.db import DatabaseError, IntegrityError, connection
from django.utils import timezone

from saga.claims import worker_name
from saga.models import Heartbeat

logger = logging.getLogger(__name__)

EVERY = 10.0  # seconds
SILENT_AFTER = timedelta(seconds=35)

_started_at = timezone.now()


def beat(role: str) -> None:
    """Report that this process is alive, with one update."""
    now = timezone.now()
    mine = Heartbeat.objects.filter(role=role, process=worker_name())
    if mine.update(seen_at=now):
        return
    try:
        Heartbeat.objects.create(
            role=role, process=worker_name(), started_at=_started_at, seen_at=now
        )
    except IntegrityError:
        logger.info("%s beat twice at once", role)


class Pulse:
    """Beats from a loop that runs more often than a beat is needed."""

    def __init__(self, role: str) -> None:
        self.role = role
        self._next = 0.0

    def pass_by(self) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY
            beat(self.role)


def beat_in_background(role: str, ended: threading.Event) -> threading.Thread:
    """Beat from a new thread until ``ended`` is set, and return the thread."""
    thread = threading.Thread(
        target=_repeat, args=(role, ended), name=f"{role} heartbeat", daemon=True
    )
    thread.start()
    return thread


def last_seen() -> dict[str, datetime]:
    """Return role -> the time of its last heartbeat."""
    return dict(Heartbeat.objects.order_by("seen_at").values_list("role", "seen_at"))


def _repeat(role: str, ended: threading.Event) -> None:
    while True:
        try:
            beat(role)
        except DatabaseError as error:
            logger.warning("%s could not say that it is alive: %s", role, error)
        finally:
            # A connection kept open would be inherited by processes forked meanwhile.
            connection.close()
        if ended.wait(EVERY):
            return
