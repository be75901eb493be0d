"""SIGKILL anywhere in any step: the order still ends right, without a person."""

import pytest

from checkout.saga.models import State
from inventory.models import StockItem
from orders.models import Order
from tests.chaos.kill_points.trigger import Way, arm, still_armed
from tests.ground.live import LiveStack
from tests.journeys.customer import RECIPIENT, Customer, wait_for_state, wait_until_done
from tests.journeys.goods import stock_up
from tests.journeys.sandbox import captured

pytestmark = [pytest.mark.chaos, pytest.mark.both_databases]

LOCAL = ("claimed", "before_commit", "committed")
EXTERNAL = ("claimed", "called", "before_commit", "committed")
FORWARD = [
    "checkout.reserve_stock.before_claim",
    *(f"reserve_stock.{point}" for point in LOCAL),
    "checkout.take_payment.before_claim",
    "authorize_payment.created",
    *(f"authorize_payment.{point}" for point in EXTERNAL),
    *(f"capture_payment.{point}" for point in EXTERNAL),
    "checkout.fulfil_order.before_claim",
    *(f"fulfil_order.{point}" for point in LOCAL),
    "checkout.send_confirmation.before_claim",
    *(f"send_confirmation.{point}" for point in EXTERNAL),
]
BACKWARD = [
    *(f"authorize_payment.undo.{point}" for point in EXTERNAL),
    *(f"reserve_stock.undo.{point}" for point in LOCAL),
]
INSIDE_EACH_STEP = [
    "reserve_stock.before_commit",
    "authorize_payment.called",
    "capture_payment.called",
    "fulfil_order.before_commit",
    "send_confirmation.called",
]


def buy_and_die(
    shop: LiveStack, sku: str, point: str, way: Way, card: str = "pm_card_visa"
) -> Order:
    email = arm(shop.places.data_dir, point, way)
    return Customer(shop, recipient=RECIPIENT | {"email": email}).buy({sku: 1}, card)


def test_a_process_killed_anywhere_in_any_step_loses_and_doubles_nothing(
    shop: LiveStack,
) -> None:
    sku = stock_up(100)

    orders = [buy_and_die(shop, sku, point, Way.PROCESS) for point in FORWARD]

    wait_until_done(shop, orders)
    assert still_armed(shop.places.data_dir) == []
    assert [captured(shop, order) for order in orders] == [
        [order.total_minor] for order in orders
    ]
    assert StockItem.objects.get(sku=sku).free == 100 - len(FORWARD)


def test_a_whole_worker_killed_inside_each_step_loses_and_doubles_nothing(
    shop: LiveStack,
) -> None:
    sku = stock_up(100)

    orders = [buy_and_die(shop, sku, point, Way.GROUP) for point in INSIDE_EACH_STEP]

    wait_until_done(shop, orders)
    assert still_armed(shop.places.data_dir) == []
    assert StockItem.objects.get(sku=sku).free == 100 - len(INSIDE_EACH_STEP)


def test_a_process_killed_anywhere_in_an_undo_still_gives_everything_back(
    shop: LiveStack,
) -> None:
    sku = stock_up(len(BACKWARD))
    declined = "pm_card_visa_chargeDeclined"

    orders = [
        buy_and_die(shop, sku, point, Way.PROCESS, declined) for point in BACKWARD
    ]

    for order in orders:
        wait_for_state(shop, order, State.COMPENSATED, seconds=60)
        assert captured(shop, order) == []
    assert still_armed(shop.places.data_dir) == []
    assert StockItem.objects.get(sku=sku).free == len(BACKWARD)
