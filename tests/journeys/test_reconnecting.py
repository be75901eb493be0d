"""Workers reconnect when the broker is back."""

import pytest

from orders.models import Order
from saga.models import Attempt, Saga
from tests.support.catalogue import stock_up
from tests.support.customer import Customer, order_shown, wait_until_done
from tests.support.live import LiveStack
from tests.support.sandbox_control import plan_fault
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chaos

WORKERS = 2  # of a live stack
AWAY = 6.0  # seconds until the bank answers; longer than a busy machine buys once


def steps_by_worker(shop: LiveStack, order: Order) -> int:
    """Count the order's steps that a worker did, not the sweeper."""
    processes = {str(pid) for pid in shop.pids("worker")}
    attempts = Attempt.objects.filter(saga__reference=order.number)
    return sum(attempt.worker.split(":")[1] in processes for attempt in attempts)


def test_workers_that_were_busy_when_the_broker_stopped_reconnect(
    shop: LiveStack,
) -> None:
    sku = stock_up(100)
    plan_fault(shop, operation="confirm", kind="delay", seconds=AWAY, times=WORKERS)
    customers = [Customer(shop) for _number in range(WORKERS)]
    for customer in customers:
        customer.fill_cart({sku: 1})
    forms = [customer.go_to_confirmation() for customer in customers]
    busy = [
        order_shown(customer.purchase(form, "pm_card_visa"))
        for customer, form in zip(customers, forms, strict=True)
    ]
    asking = Saga.objects.exclude(claimed_by="").filter(
        reference__in=[order.number for order in busy], step="authorize_payment"
    )
    wait_until(lambda: asking.count() == WORKERS, "every worker asks the bank")
    shop.stop("broker")
    wait_until_done(shop, busy)

    shop.start("broker")

    def worker_takes_an_order() -> bool:
        order = Customer(shop).buy({sku: 1})
        wait_until_done(shop, [order])
        return steps_by_worker(shop, order) > 0

    wait_until(worker_takes_an_order, "a worker takes orders again")
