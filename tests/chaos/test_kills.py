"""SIGKILL at any point of any step: the order ends right without a person."""

from collections.abc import Iterator

import pytest
import requests

from checkout.promotions import codes
from checkout.status.sagas import saga_of
from checkout.tracking.services import read_after_return
from inventory.models import StockItem
from orders.models import Order, PaymentPage
from saga.models import State
from tests.chaos.buyers import DECLINED, VISA, Wish, buy_all
from tests.chaos.forkserver import sweepers
from tests.chaos.kill_points import points
from tests.chaos.kill_points.trigger import Role, Way, arm, disarm, still_armed
from tests.support.catalogue import stock_up
from tests.support.customer import ON_PAGE, wait_for_state, wait_until_done
from tests.support.live import LiveStack
from tests.support.promotions import make_code
from tests.support.sandbox_control import captured, intents_of
from tests.support.waiting import wait_until

# On SQLite only, to save time: make chaos runs on both databases.
pytestmark = pytest.mark.chaos

PATIENCE = 180.0  # seconds, for dozens of deaths on a busy machine
TRIES = 8
UNITS = 300  # enough for every kill point and all tries
CARD = {"number": "4242424242424242", "expiry": "1234", "cvc": "123"}
ENDS = (State.DONE, State.COMPENSATED)
# The page was opened, read or closed, and nobody knows it yet.
AROUND_A_PAGE = [
    "authorize_payment.called",
    "authorize_payment.before_commit",
    "authorize_payment.undo.called",
    "capture_payment.called",
]
INSIDE_EACH_STEP = [
    "reserve_stock.before_commit",
    "authorize_payment.called",
    "capture_payment.called",
    "fulfil_order.before_commit",
    "send_confirmation.called",
]


def visit_pages(orders: list[Order]) -> None:
    """Let customers pay wherever the provider's page is open, until all have ended.

    The goods are set aside for seconds only: a page that opens too late is not paid.
    """

    def all_ended() -> bool:
        states = {order: saga_of(order).state for order in orders}
        for order, state in states.items():
            if state == State.WAITING and ".undo." not in order.email:
                url = PaymentPage.objects.get(payment__order=order).url
                requests.post(url, data=CARD, allow_redirects=False, timeout=20)
                read_after_return(order)
        return all(state in ENDS for state in states.values())

    wait_until(all_ended, "every order has ended", seconds=PATIENCE)


def buy_and_die(
    shop: LiveStack,
    sku: str,
    kill_points: list[str],
    card: str = VISA,
    way: Way = Way.PROCESS,
    role: Role = Role.ANY,
) -> list[Order]:
    """Buy once for each kill point, at which a process dies. Return the ended orders.

    On a busy machine another process can do the step first, so that no process reaches
    the kill point. That proves nothing, so it is tried again, up to TRIES times.
    """
    orders: list[Order] = []
    data = shop.paths.data_dir
    for _try in range(TRIES):
        armed = {arm(data, point, way, role): point for point in kill_points}
        code = make_code(codes.draw("KILL"), most=len(armed)).code
        wishes = [Wish({sku: 1}, card, address, code) for address in armed]
        bought = [Order.objects.get(uid=uid) for uid in buy_all(shop, wishes) if uid]
        if card == ON_PAGE:
            visit_pages(bought)
        for order in bought:
            wait_for_state(shop, order, *ENDS, seconds=PATIENCE)
        orders += bought
        passed = still_armed(data)
        for address in passed:
            disarm(data, address)
        kill_points = [armed[address] for address in passed]
        if not kill_points:
            return orders
    message = f"no process reached {', '.join(kill_points)}"
    raise AssertionError(message)


def assert_charged_once(shop: LiveStack, orders: list[Order]) -> None:
    wait_until_done(shop, orders, seconds=PATIENCE)
    assert [captured(shop, order) for order in orders] == [
        [order.total_minor] for order in orders
    ]


def assert_undone(shop: LiveStack, orders: list[Order]) -> None:
    for order in orders:
        wait_for_state(shop, order, State.COMPENSATED, seconds=PATIENCE)
        assert captured(shop, order) == []


@pytest.fixture(autouse=True, scope="module")
def another_sweeper(live_stack_processes: LiveStack) -> Iterator[None]:
    """A sweeper that restarts at once: the supervisor pauses after repeated deaths."""
    with sweepers(live_stack_processes):
        yield


@pytest.fixture
def without_broker(shop: LiveStack) -> Iterator[LiveStack]:
    """Without a broker no worker gets a message: the sweepers do all work."""
    shop.stop("broker")
    yield shop
    shop.start("broker")


def test_a_process_killed_at_any_point_of_any_step_loses_and_doubles_nothing(
    shop: LiveStack,
) -> None:
    sku = stock_up(UNITS)

    orders = buy_and_die(shop, sku, [*points.messages(), *points.forward()])

    assert_charged_once(shop, orders)
    assert StockItem.objects.get(sku=sku).on_hand == UNITS - len(orders)


def test_a_process_killed_at_any_point_of_an_undo_still_undoes_everything(
    shop: LiveStack,
) -> None:
    sku = stock_up(UNITS)

    orders = buy_and_die(shop, sku, points.backward(), DECLINED)

    assert_undone(shop, orders)
    assert StockItem.objects.get(sku=sku).free == UNITS


def test_a_process_killed_around_a_payment_page_loses_and_doubles_nothing(
    shop: LiveStack,
) -> None:
    sku = stock_up(UNITS)
    orders = buy_and_die(shop, sku, AROUND_A_PAGE, ON_PAGE)

    done = [order for order in orders if saga_of(order).state == State.DONE]
    assert_charged_once(shop, done)
    assert_undone(shop, [order for order in orders if order not in done])
    assert done, "some customers were in time"
    assert len(intents_of(shop, *done)) == len(done)
    assert StockItem.objects.get(sku=sku).free == UNITS - len(done)


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
    # Every fourth kill point; ``make chaos`` takes all of them with all webhooks.
    forward, backward = points.forward()[::4], points.backward()[::4]
    first_message = points.messages()[:1]
    sku = stock_up(UNITS)

    # Alone: a process that could not send a message does not try the next ones.
    paid = buy_and_die(without_broker, sku, first_message, role=Role.SWEEPER)
    paid += buy_and_die(without_broker, sku, forward, role=Role.SWEEPER)
    declined = buy_and_die(without_broker, sku, backward, DECLINED, role=Role.SWEEPER)

    assert_undone(without_broker, declined)
    assert_charged_once(without_broker, paid)
    assert StockItem.objects.get(sku=sku).free == UNITS - len(paid)
