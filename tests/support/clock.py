"""Clocks that stand still, and clocks that are wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from shop import database_clock


@contextmanager
def stopped_clock() -> Iterator[time_machine.Traveller]:
    """Stop the time at 2030-01-01. It moves by ``clock.shift(seconds)``.

    PostgreSQL's own clock cannot be stopped. So its statements get the time of this
    process instead, as SQLite's always do. Columns with a default of the database
    still get the real time.
    """
    begin = datetime(2030, 1, 1, tzinfo=UTC)
    with (
        pytest.MonkeyPatch.context() as patch,
        time_machine.travel(begin, tick=False) as clock,
    ):
        patch.setattr(database_clock, "has_own_clock", _has_none)
        yield clock


def _has_none(_connection: BaseDatabaseWrapper) -> bool:
    return False


@contextmanager
def wrong_clock(offset: timedelta) -> Iterator[None]:
    """Let this process be on a host whose clock is wrong; PostgreSQL's stays right.

    Skips the test on SQLite, whose processes all have the clock of their one host.
    """
    if not database_clock.has_own_clock(connection):
        pytest.skip("one host, one clock: SQLite's time is this process's")
    with time_machine.travel(timezone.now() + offset, tick=True):
        yield
