"""A worker dies with many claims: they are taken over before their leases end."""

import time
from collections.abc import Iterator

import pytest
from django.db.models import QuerySet
from pytest_django import DjangoDbBlocker

from orders.models import Order
from saga.models import Attempt, Saga
from tests.chaos.buyers import Wish, buy_all
from tests.support.catalogue import stock_up
from tests.support.customer import wait_until_done
from tests.support.live import LiveStack, live_stack
from tests.support.live_invariants import assert_invariants
from tests.support.sandbox_control import captured, plan_fault
from tests.support.waiting import wait_until

# On SQLite only, to save time: tests/saga/test_takeover.py runs on both databases.
pytestmark = pytest.mark.chaos

IN_FLIGHT = 20
LEASE = 90  # seconds
AT_ONCE = 20.0  # seconds; one on a machine that is not busy


@pytest.fixture
def patient_shop(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[LiveStack]:
    """A shop with a long lease, which no test could wait for."""
    variables = {
        "SAGA_LEASE": str(LEASE),
        "STRIPE_TIMEOUT": "40",
        "WORKERS": str(IN_FLIGHT),
    }
    folder = tmp_path_factory.mktemp("patient") / "data"
    with (
        live_stack(folder, **variables) as stack,
        django_db_blocker.unblock(),
        stack.as_database(),
    ):
        yield stack


def asking(orders: list[Order]) -> "QuerySet[Saga]":
    """Return the sagas of these orders whose worker waits for the bank."""
    numbers = [order.number for order in orders]
    claimed = Saga.objects.exclude(claimed_by="").filter(reference__in=numbers)
    return claimed.filter(step="authorize_payment")


def lost(orders: list[Order]) -> "QuerySet[Attempt]":
    """Return the tries of these orders that died with their worker."""
    numbers = [order.number for order in orders]
    tries = Attempt.objects.filter(saga__reference__in=numbers)
    return tries.filter(outcome=Attempt.Outcome.LOST)


def test_all_that_a_killed_worker_had_claimed_is_finished_at_once_and_charged_once(
    patient_shop: LiveStack,
) -> None:
    shop, sku = patient_shop, stock_up(IN_FLIGHT)
    plan_fault(shop, operation="confirm", kind="withhold", seconds=35, times=IN_FLIGHT)
    shown = buy_all(shop, [Wish({sku: 1})] * IN_FLIGHT)
    orders = [Order.objects.get(uid=uid) for uid in shown if uid]
    wait_until(lambda: asking(orders).count() == IN_FLIGHT, "all ask the bank")

    shop.kill("worker")
    killed = time.monotonic()
    wait_until(lambda: lost(orders).count() == IN_FLIGHT, "all are taken over")
    assert time.monotonic() - killed < AT_ONCE

    wait_until_done(shop, orders, seconds=LEASE)
    assert lost(orders).count() == IN_FLIGHT
    for order in orders:
        assert captured(shop, order) == [order.total_minor]
    assert_invariants(shop)
