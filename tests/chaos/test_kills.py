"""SIGKILL anywhere in any step: the order still ends right, without a person."""

from collections.abc import Iterator

import pytest

from inventory.models import StockItem
from orders.models import Order
from saga.models import State
from tests.chaos.buyers import DECLINED, VISA, Wish, buy_all
from tests.chaos.forkserver import sweepers
from tests.chaos.kill_points import points
from tests.chaos.kill_points.trigger import Role, Way, arm, disarm, still_armed
from tests.support.customer import wait_for_state, wait_until_done
from tests.support.goods import stock_up
from tests.support.live import LiveStack
from tests.support.sandbox_control import captured

# On SQLite only, for the time it takes: make chaos does the same on both.
pytestmark = pytest.mark.chaos

PATIENCE = 120.0  # seconds, for dozens of deaths on a busy machine
TRIES = 4
UNITS = 300  # enough for every place, however often
ENDS = (State.DONE, State.COMPENSATED)
INSIDE_EACH_STEP = [
    "reserve_stock.before_commit",
    "authorize_payment.called",
    "capture_payment.called",
    "fulfil_order.before_commit",
    "send_confirmation.called",
]


def buy_and_die(
    shop: LiveStack,
    sku: str,
    places: list[str],
    card: str = VISA,
    way: Way = Way.PROCESS,
    role: Role = Role.ANY,
) -> list[Order]:
    """Buy once for each place, where somebody dies; return the orders at their end.

    On a busy machine another process can pass a place first, or do a step without the
    message that was to be lost. A place that nobody came to proves nothing, so it is
    tried again.
    """
    orders: list[Order] = []
    data = shop.paths.data_dir
    for _try in range(TRIES):
        armed = {arm(data, place, way, role): place for place in places}
        wishes = [Wish({sku: 1}, card, address) for address in armed]
        bought = [Order.objects.get(uid=uid) for uid in buy_all(shop, wishes) if uid]
        for order in bought:
            wait_for_state(shop, order, *ENDS, seconds=PATIENCE)
        orders += bought
        passed = still_armed(data)
        for address in passed:
            disarm(data, address)
        places = [armed[address] for address in passed]
        if not places:
            return orders
    message = f"nobody came to {', '.join(places)}"
    raise AssertionError(message)


def assert_charged_once(shop: LiveStack, orders: list[Order]) -> None:
    wait_until_done(shop, orders, seconds=PATIENCE)
    assert [captured(shop, order) for order in orders] == [
        [order.total_minor] for order in orders
    ]


def assert_given_back(shop: LiveStack, orders: list[Order]) -> None:
    for order in orders:
        wait_for_state(shop, order, State.COMPENSATED, seconds=PATIENCE)
        assert captured(shop, order) == []


@pytest.fixture(autouse=True, scope="module")
def another_sweeper(live_stack_processes: LiveStack) -> Iterator[None]:
    """One that is back at once: the supervisor lets a program rest that died often."""
    with sweepers(live_stack_processes):
        yield


@pytest.fixture
def without_broker(shop: LiveStack) -> Iterator[LiveStack]:
    """Nobody gets a message: all work is the sweepers'."""
    shop.stop("broker")
    yield shop
    shop.start("broker")


def test_a_process_killed_anywhere_in_any_step_loses_and_doubles_nothing(
    shop: LiveStack,
) -> None:
    sku = stock_up(UNITS)

    orders = buy_and_die(shop, sku, [*points.messages(), *points.forward()])

    assert_charged_once(shop, orders)
    assert StockItem.objects.get(sku=sku).on_hand == UNITS - len(orders)


def test_a_process_killed_anywhere_in_an_undo_still_gives_everything_back(
    shop: LiveStack,
) -> None:
    sku = stock_up(UNITS)

    orders = buy_and_die(shop, sku, points.backward(), DECLINED)

    assert_given_back(shop, orders)
    assert StockItem.objects.get(sku=sku).free == UNITS


def test_a_whole_worker_killed_inside_each_step_loses_and_doubles_nothing(
    shop: LiveStack,
) -> None:
    sku = stock_up(UNITS)

    orders = buy_and_die(shop, sku, INSIDE_EACH_STEP, way=Way.GROUP)

    assert_charged_once(shop, orders)
    assert StockItem.objects.get(sku=sku).on_hand == UNITS - len(orders)


def test_a_web_process_killed_between_commit_and_message_loses_no_order(
    shop: LiveStack,
) -> None:
    sku = stock_up(UNITS)
    first_message = points.messages()[:1]

    orders = buy_and_die(shop, sku, first_message * 3, role=Role.WEB)

    assert len(orders) >= 3
    assert_charged_once(shop, orders)
    assert Order.objects.filter(lines__sku=sku).count() == len(orders)


def test_a_sweeper_killed_while_the_broker_is_away_loses_and_doubles_nothing(
    without_broker: LiveStack,
) -> None:
    # Every fourth place; all of them, under all webhooks, are in ``make chaos``.
    places, undos = points.forward()[::4], points.backward()[::4]
    first_message = points.messages()[:1]
    sku = stock_up(UNITS)

    # Alone: who could not send a message does not try to with the next ones.
    paid = buy_and_die(without_broker, sku, first_message, role=Role.SWEEPER)
    paid += buy_and_die(without_broker, sku, places, role=Role.SWEEPER)
    declined = buy_and_die(without_broker, sku, undos, DECLINED, role=Role.SWEEPER)

    assert_given_back(without_broker, declined)
    assert_charged_once(without_broker, paid)
    assert StockItem.objects.get(sku=sku).free == UNITS - len(paid)
