"""A look of the sweeper costs the same after a million finished sagas."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, models
from django.utils import timezone

from checkout.saga.models import Saga
from checkout.saga.records import Alert, AlertDelivery
from checkout.saga.sweeper import Sweep, sweep
from tests.saga.million import FINISHED, fill

# The bar, on a machine whose database answers the smallest question in so long. One
# that does other things meanwhile is given as much more as its answers take longer.
MEDIAN_MS = 20.0
QUIET_ROUND_TRIP_MS = 0.3

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def only_on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the bar is PostgreSQL's; SQLite is for one machine")


@pytest.fixture
def million(db: None) -> None:
    """A million sagas that ended, or stopped and were told of."""
    only_on_postgresql()
    fill(FINISHED)


def milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def smallest_question() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def plan(rows: "models.QuerySet[Any]") -> str:
    return rows[:200].explain()


def test_a_look_takes_no_longer_and_reads_the_partial_indexes(million: None) -> None:
    now = timezone.now()
    overdue = Saga.objects.live().filter(sweep_at__lte=now).order_by("sweep_at")
    assert "saga_sweep_idx" in plan(overdue)
    unnoted = Saga.objects.unnoted(now).order_by("alert_wanted_at")
    assert "saga_unnoted_idx" in plan(unnoted)

    looks, round_trips = [], []
    for _look in range(41):
        looks.append(milliseconds(sweep))
        round_trips.append(milliseconds(smallest_question))

    assert sweep() == Sweep()
    assert Saga.objects.count() == FINISHED
    slow = max(1.0, statistics.median(round_trips) / QUIET_ROUND_TRIP_MS)
    median = statistics.median(looks)
    assert median <= MEDIAN_MS * slow, f"a look takes {median:.1f} ms, {slow:.1f} slow"


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
