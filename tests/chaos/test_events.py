"""SIGKILL on an event's way: every consumer hears of everything, and once."""

from collections.abc import Iterator

import pytest

from events.models import Event
from orders.models import Order
from tests.chaos.buyers import Wish, buy_all
from tests.chaos.forkserver import sweepers
from tests.chaos.kill_points.stream import points
from tests.chaos.kill_points.trigger import Role, Way, arm, disarm, still_armed
from tests.support.catalogue import stock_up
from tests.support.customer import wait_until_done
from tests.support.invariants import (
    assert_every_consumer_heard,
    assert_nothing_goes_unheard,
)
from tests.support.live import LiveStack
from tests.support.live_invariants import stream_is_quiet
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.both_databases]

EACH = 3
PATIENCE = 120.0  # seconds


@pytest.fixture(autouse=True, scope="module")
def another_sweeper(live_stack_processes: LiveStack) -> Iterator[None]:
    """A sweeper that restarts at once: the supervisor pauses after repeated deaths."""
    with sweepers(live_stack_processes):
        yield


def assert_heard_once(orders: list[Order]) -> None:
    """Each order has its events once, numbered without gaps, and everybody had them."""
    wait_until(stream_is_quiet, "all events are delivered", seconds=PATIENCE)
    assert_nothing_goes_unheard()
    assert_every_consumer_heard()
    for order in orders:
        rows = Event.objects.filter(subject=f"order/{order.number}")
        numbers = list(rows.order_by("sequence").values_list("sequence", flat=True))
        assert numbers == [*range(1, order.events.count() + 1)]
        assert rows.filter(type="payment.captured").count() == 1


def test_a_sweeper_killed_at_any_point_of_an_event_s_way_loses_and_doubles_nothing(
    shop: LiveStack,
) -> None:
    data = shop.paths.data_dir
    addresses = [
        arm(data, point, Way.PROCESS, Role.SWEEPER)
        for point in points()
        for _time in range(EACH)
    ]
    sku = stock_up(len(addresses))

    shown = buy_all(shop, [Wish({sku: 1}, email=address) for address in addresses])
    orders = list(Order.objects.filter(uid__in=[uid for uid in shown if uid]))
    wait_until_done(shop, orders, seconds=PATIENCE)
    wait_until(stream_is_quiet, "all events are delivered", seconds=PATIENCE)

    # Of a group that dies, another one may be handed over: not all points are reached.
    alive = still_armed(data)
    for address in alive:
        disarm(data, address)
    reached = {address.partition("@")[0] for address in set(addresses) - set(alive)}
    assert reached == set(points())
    assert len(orders) == len(addresses)
    assert_heard_once(orders)


def test_all_processes_killed_while_events_are_on_their_way_lose_none(
    shop: LiveStack,
) -> None:
    sku = stock_up(12)
    shown = buy_all(shop, [Wish({sku: 1})] * 12)
    orders = list(Order.objects.filter(uid__in=[uid for uid in shown if uid]))

    for name in ("sweeper", "worker", "broker", "web"):
        shop.kill(name)
    shop.wait_for("sweeper", "worker", "broker", "web")

    wait_until_done(shop, orders, seconds=PATIENCE)
    assert_heard_once(orders)
