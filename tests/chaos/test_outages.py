"""Parts of the shop are away for a while: orders end right without a person."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.db import connections

from orders.models import Order
from saga.models import Attempt
from tests.chaos.kill_points.trigger import Way, arm, stopped_process
from tests.support.catalogue import stock_up
from tests.support.customer import Customer, saga_of, wait_until_done
from tests.support.live import LiveStack
from tests.support.sandbox_control import captured, plan_fault
from tests.support.shopping import RECIPIENT
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.both_databases]

CROWD = 12


def buy_at_once(shop: LiveStack, sku: str, people: int) -> list[Order]:
    """Let several customers buy at the same time."""

    def buy(_number: int) -> Order:
        try:
            return Customer(shop).buy({sku: 1})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(buy, range(people)))


def test_a_broker_flushed_under_load_loses_no_order(shop: LiveStack) -> None:
    sku = stock_up(CROWD)
    with ThreadPoolExecutor(max_workers=1) as crowd:
        buying = crowd.submit(buy_at_once, shop, sku, CROWD)
        flushed = 0
        with redis.Redis.from_url(shop.redis_url) as broker:
            while not buying.done():
                broker.flushall()
                flushed += 1
        orders = buying.result()

    assert flushed > CROWD
    wait_until_done(shop, orders)
    assert all(captured(shop, order) == [order.total_minor] for order in orders)


def test_a_broker_killed_under_load_loses_no_order(shop: LiveStack) -> None:
    sku = stock_up(CROWD)
    with ThreadPoolExecutor(max_workers=1) as crowd:
        buying = crowd.submit(buy_at_once, shop, sku, CROWD)
        wait_until(lambda: Order.objects.filter(lines__sku=sku).count() > 2, "orders")
        shop.kill("broker")
        orders = buying.result()

    wait_until_done(shop, orders)


def test_orders_complete_while_the_broker_is_down_and_after_it_is_back(
    shop: LiveStack,
) -> None:
    sku = stock_up(3)
    shop.stop("broker")

    during = [Customer(shop).buy({sku: 1}) for _number in range(2)]
    wait_until_done(shop, during)

    assert shop.services()["broker"]["state"] == "stopped"
    shop.start("broker")
    wait_until_done(shop, [Customer(shop).buy({sku: 1})])


def test_orders_wait_for_worker_and_sweeper_and_then_complete(shop: LiveStack) -> None:
    sku = stock_up(1)
    shop.stop("sweeper")
    shop.stop("worker")

    order = Customer(shop).buy({sku: 1})

    assert saga_of(order).fence == 0, "no process has claimed it"
    shop.start("sweeper")
    shop.start("worker")
    wait_until_done(shop, [order])


def test_worker_and_sweeper_killed_during_a_charge_charge_once(
    shop: LiveStack,
) -> None:
    sku = stock_up(1)
    plan_fault(shop, operation="capture", kind="withhold", seconds=5)

    order = Customer(shop).buy({sku: 1})
    wait_until(lambda: captured(shop, order), "the charge is made, its answer is not")
    shop.kill("worker")
    shop.kill("sweeper")

    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]


def test_a_provider_that_dies_after_the_charge_is_asked_when_it_is_back(
    shop: LiveStack,
) -> None:
    sku = stock_up(1)
    plan_fault(shop, operation="capture", kind="withhold", seconds=60, times=2)

    order = Customer(shop).buy({sku: 1})
    wait_until(lambda: captured(shop, order), "the charge is made, its answer is not")
    shop.kill("stripe")

    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]


def test_a_message_delivered_three_times_works_once(shop: LiveStack) -> None:
    sku = stock_up(1)
    plan_fault(shop, operation="capture", kind="delay", seconds=0.7)
    order = Customer(shop).buy({sku: 1})

    shop.manage("shell", "-c", _PUBLISH_THRICE.format(number=order.number))

    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]
    done = Attempt.objects.filter(saga__reference=order.number, outcome="ok")
    assert done.count() == 5, "each step was done once"


_PUBLISH_THRICE = """
from celery import current_app
from saga.models import Attempt, Saga
saga = Saga.objects.main_paths().get(reference="{number}")
for _time in range(3):
    for name in ("reserve_stock", "take_payment", "fulfil_order", "send_confirmation"):
        task = "checkout." + name
        current_app.send_task(task, args=(saga.pk,), queue=task)
"""


@pytest.mark.parametrize(
    "point", ["authorize_payment.called", "capture_payment.called"]
)
def test_a_worker_stopped_past_its_lease_writes_nothing_when_it_wakes(
    shop: LiveStack, point: str
) -> None:
    sku = stock_up(1)
    email = arm(shop.paths.data_dir, point, Way.STOP)

    order = Customer(shop, recipient=RECIPIENT | {"email": email}).buy({sku: 1})
    wait_until_done(shop, [order])
    before = _history(order)
    wake(shop, email)
    # By then the woken process works again and has noticed that its lease is over.
    wait_until_done(shop, buy_at_once(shop, stock_up(4), 4))

    assert _history(order) == before
    assert captured(shop, order) == [order.total_minor]


def wake(shop: LiveStack, email: str) -> None:
    """Continue the process that stopped itself for this order."""
    process = wait_until(
        lambda: stopped_process(shop.paths.data_dir, email), "a process that stopped"
    )
    os.kill(process, signal.SIGCONT)


def _history(order: Order) -> list[tuple[int, str, str]]:
    rows = saga_of(order).attempts.values_list("fence", "step", "outcome")
    return list(rows)
