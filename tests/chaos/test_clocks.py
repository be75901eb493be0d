"""Hosts with wrong clocks: orders are as fast as ever, and staff are told.

Only on PostgreSQL: the processes of a shop on SQLite are on one host.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest
import redis
import requests
from django.db import connection, connections

from inventory.models import Hold
from orders.models import Order
from saga.metrics import percentile
from saga.models import Alert, PeriodicJob, State
from tests.support.catalogue import stock_up
from tests.support.chat import Chat
from tests.support.customer import Customer, saga_of, wait_for_state, wait_until_done
from tests.support.faketime import wrong_host
from tests.support.live import LiveStack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.both_databases]

AHEAD, BEHIND = timedelta(minutes=5), -timedelta(minutes=5)
PEOPLE = 8
# An order may take longer than without wrong clocks by so many seconds. When every
# host used its own clock, it was 308.
BAR = 5.0
CHALLENGED = "pm_card_threeDSecure2Required"


def buy(shop: LiveStack) -> list[Order]:
    """Let a crowd buy while the broker loses messages, and wait for all orders."""
    sku = stock_up(PEOPLE)

    def buy_one(_number: int) -> Order:
        try:
            return Customer(shop).buy({sku: 1})
        finally:
            connections.close_all()

    with (
        redis.Redis.from_url(shop.redis_url) as broker,
        ThreadPoolExecutor(max_workers=3) as pool,
    ):
        crowd = [pool.submit(buy_one, number) for number in range(PEOPLE)]
        wait_until(lambda: any(one.done() for one in crowd), "the first order")
        broker.flushall()
        orders = [one.result() for one in crowd]
    wait_until_done(shop, orders)
    return orders


def slow_one(orders: list[Order]) -> float:
    """Return the seconds from start to end of the 90th of 100 orders."""
    took = []
    for order in orders:
        saga = saga_of(order)
        assert saga.finished_at is not None
        took.append((saga.finished_at - saga.created_at).total_seconds())
    return percentile(sorted(took), 0.9)


def forget_earlier_alarms() -> None:
    PeriodicJob.objects.filter(name="clocks").delete()
    Alert.objects.filter(topic="clocks").delete()


@pytest.mark.parametrize("offset", [AHEAD, BEHIND], ids=["web ahead", "web behind"])
def test_no_order_waits_or_ends_early_because_of_a_wrong_clock(
    shop: LiveStack, chat: Chat, offset: timedelta
) -> None:
    """Web and sweeper differ from the database, and twice as much from the worker.

    The two runs contain each of the six wrong clocks once: web, worker and sweeper,
    five minutes ahead and five behind. They try no wrong clock alone.
    """
    if connection.vendor == "sqlite":
        pytest.skip("one host, one clock: SQLite serves the processes of one host")
    usual = slow_one(buy(shop))
    forget_earlier_alarms()
    heard = len(chat.texts)

    with ExitStack() as hosts:
        for name, wrong in (("web", offset), ("worker", -offset), ("sweeper", offset)):
            hosts.enter_context(wrong_host(shop, name, wrong))
        orders = buy(shop)
        challenged = Customer(shop).buy({stock_up(1): 1}, card=CHALLENGED)
        ended = wait_for_state(shop, challenged, State.COMPENSATED, seconds=40)
        alarm = wait_until(
            lambda: _alarm(chat, heard, shop), "the alarm of the clocks", seconds=60
        )

    assert slow_one(orders) <= usual + BAR
    numbers = [order.number for order in orders]
    states = Hold.objects.filter(reference__in=numbers).values_list("state", flat=True)
    assert set(states) == {Hold.State.SHIPPED}
    # HOLD_MINUTES of this shop are six seconds.
    assert ended.finished_at is not None
    waited = (ended.finished_at - ended.created_at).total_seconds()
    assert 6 <= waited <= 6 + 2 * BAR
    assert "The clock is wrong on" in alarm


def _alarm(chat: Chat, heard: int, shop: LiveStack) -> str:
    """Return the alarm, once /readyz names all three as well."""
    texts = [text for text in chat.texts[heard:] if "clock is wrong" in text]
    clocks = requests.get(f"{shop.url}/readyz", timeout=10).json()["clocks"]
    named = all(role in clocks for role in ("web", "worker", "sweeper"))
    return texts[0] if texts and named else ""
