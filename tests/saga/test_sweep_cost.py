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

# How much dearer than with empty tables. The fastest of many sweeps are compared: all
# others also waited for a processor that other tests had. The bar in milliseconds is
# benchmarks/sweep.py's, since it depends on the machine.
MOST = 3
SWEEPS = 41

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def only_on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the bar is PostgreSQL's; SQLite is for one machine")


def seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def fastest_sweep() -> float:
    return min(seconds(sweep) for _round in range(SWEEPS))


def plan(rows: "models.QuerySet[Any]") -> str:
    return rows[:200].explain()


def test_a_sweep_takes_no_longer_and_reads_the_partial_indexes() -> None:
    only_on_postgresql()
    empty = fastest_sweep()
    # A million sagas that ended, or stopped with a sent alert.
    fill(FINISHED)
    now = timezone.now()
    overdue = Saga.objects.live().filter(sweep_at__lte=now).order_by("sweep_at")
    assert "saga_sweep_idx" in plan(overdue)
    unnoted = Saga.objects.unnoted(now).order_by("alert_wanted_at")
    assert "saga_unnoted_idx" in plan(unnoted)

    full = fastest_sweep()

    assert sweep() == Sweep()
    assert Saga.objects.count() == FINISHED
    assert full <= MOST * empty


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


def test_the_claims_of_processes_have_their_index() -> None:
    held = Saga.objects.exclude(claimed_by="").order_by()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")

    assert "saga_claimed_idx" in held.values("claimed_by").explain()
    assert "saga_claimed_idx" in held.filter(claimed_by__in=["x", "y"]).explain()
