"""Many customers with the same goods, and several sweepers, at the same time."""

import random

import pytest

from checkout.flow.definition import CHECKOUT
from inventory.models import StockItem
from orders.models import Order
from saga.models import Attempt, State
from tests.chaos.blows import freeze_workers
from tests.chaos.buyers import Wish, buy_all
from tests.chaos.forkserver import sweepers
from tests.support.catalogue import stock_up
from tests.support.customer import wait_for_state, wait_until_done
from tests.support.live import LiveStack
from tests.support.sandbox_control import captured

# On SQLite only, to save time: make chaos runs on both databases.
pytestmark = pytest.mark.chaos

CARTS = 30


def test_carts_with_the_same_goods_in_any_order_sell_no_more_than_there_is(
    shop: LiveStack,
) -> None:
    chance = random.Random(7)  # noqa: S311
    skus = [stock_up(chance.randint(8, 16)) for _article in range(5)]
    wishes = [
        Wish({sku: chance.randint(1, 3) for sku in chance.sample(skus, 3)})
        for _cart in range(CARTS)
    ]

    shown = [uid for uid in buy_all(shop, wishes) if uid]

    orders = [Order.objects.get(uid=uid) for uid in shown]
    ends = [
        wait_for_state(shop, order, State.DONE, State.COMPENSATED, seconds=60).state
        for order in orders
    ]
    assert 0 < ends.count(State.DONE) < CARTS, "some get all they want, some do not"
    for order, end in zip(orders, ends, strict=True):
        order.refresh_from_db()
        if end == State.DONE:
            assert captured(shop, order) == [order.total_minor]
        else:
            assert captured(shop, order) == []
            assert order.cancel_reason == Order.CancelReason.OUT_OF_STOCK
    for item in StockItem.objects.filter(sku__in=skus):
        assert item.held == 0
        assert item.on_hand >= 0


def test_several_sweepers_at_once_do_every_step_once(shop: LiveStack) -> None:
    sku = stock_up(8)
    freeze_workers(shop)
    with sweepers(shop, 2):
        shown = buy_all(shop, [Wish({sku: 1})] * 8)
        orders = [Order.objects.get(uid=uid) for uid in shown if uid]
        wait_until_done(shop, orders)
    shop.thaw("worker")

    assert len(orders) == 8
    for order in orders:
        done = Attempt.objects.filter(
            saga__reference=order.number, outcome=Attempt.Outcome.OK
        )
        steps = sorted(done.values_list("step", flat=True))
        assert steps == sorted(step.name for step in CHECKOUT.steps)
        assert captured(shop, order) == [order.total_minor]
