"""A sweep costs the same after a million finished sagas."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, models
from django.utils import timezone

from saga.models import Alert, AlertDelivery, Saga
from saga.sweeper import Sweep, sweep
from tests.support.million_sagas import FINISHED, fill

# The bar. The fastest of many sweeps is compared with it: all others also waited for a
# processor that other tests had, and how they are spread, benchmarks/sweep.py tells.
BAR_MS = 20.0
SWEEPS = 41

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def only_on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the bar is PostgreSQL's; SQLite is for one machine")


@pytest.fixture
def million(db: None) -> None:
    """A million sagas that ended, or stopped with a sent alert."""
    only_on_postgresql()
    fill(FINISHED)


def milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def plan(rows: "models.QuerySet[Any]") -> str:
    return rows[:200].explain()


def test_a_sweep_takes_no_longer_and_reads_the_partial_indexes(million: None) -> None:
    now = timezone.now()
    overdue = Saga.objects.live().filter(sweep_at__lte=now).order_by("sweep_at")
    assert "saga_sweep_idx" in plan(overdue)
    unnoted = Saga.objects.unnoted(now).order_by("alert_wanted_at")
    assert "saga_unnoted_idx" in plan(unnoted)

    fastest = min(milliseconds(sweep) for _round in range(SWEEPS))

    assert sweep() == Sweep()
    assert Saga.objects.count() == FINISHED
    assert fastest <= BAR_MS


def test_what_alerts_ask_has_its_indexes() -> None:
    only_on_postgresql()
    now = timezone.now()
    with connection.cursor() as cursor:
        # The tables are empty here: only whether the index fits is asked.
        cursor.execute("SET LOCAL enable_seqscan = off")
    due = AlertDelivery.objects.filter(delivered_at=None, next_try_at__lte=now)
    assert "alert_delivery_idx" in plan(due.order_by("next_try_at"))
    ended = Alert.objects.filter(closed_at=None, ends_at__lte=now)
    assert "alert_open_idx" in plan(ended.order_by("ends_at"))
