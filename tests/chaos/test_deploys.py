"""A new release is deployed while orders are at every step: all are completed."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from checkout.flow.definition import CHECKOUT
from orders.models import Order
from saga.models import Attempt, Saga
from tests.chaos.buyers import Wish, buy_all
from tests.chaos.kill_points.releases import ADDED, NEW_STEP, REMOVED, deploy
from tests.chaos.kill_points.trigger import (
    Way,
    arm,
    died_at,
    disarm,
    still_armed,
)
from tests.chaos.stack import start_at_once
from tests.support.catalogue import stock_up
from tests.support.customer import wait_until_done
from tests.support.live import LiveStack
from tests.support.sandbox_control import captured
from tests.support.waiting import wait_until

# On SQLite only, to save time: make chaos runs on both databases.
pytestmark = pytest.mark.chaos

OURS = [step.name for step in CHECKOUT.steps]
ROLLED_OUT = ("sweeper", "worker", "web")


@pytest.fixture
def releases(shop: LiveStack) -> Iterator[LiveStack]:
    yield shop
    roll_out(shop, "")


def roll_out(shop: LiveStack, release: str) -> None:
    """Stop the old release and start the new one, with all kill points disarmed."""
    for name in ROLLED_OUT:
        shop.stop(name)
    folder = shop.paths.data_dir
    deploy(folder, release)
    for address in still_armed(folder):
        disarm(folder, address)
    for name in ROLLED_OUT:
        shop.begin(name)
    shop.wait_for(*ROLLED_OUT)
    go_on()


def orders_stopped_at(shop: LiveStack, steps: list[str]) -> list[Order]:
    """Place an order for each step; every process that does that step dies."""
    sku = stock_up(len(steps))
    folder = shop.paths.data_dir
    emails = [arm(folder, f"{step}.claimed", Way.POISON) for step in steps]
    shown = buy_all(shop, [Wish({sku: 1}, email=email) for email in emails])

    orders = dict(zip(emails, shown, strict=True))

    def all_died() -> bool:
        dead = [email for email in emails if died_at(folder, email)]
        put_off(orders[email] for email in dead)
        start_at_once(shop)
        return dead == emails

    wait_until(all_died, "a death at every step", seconds=120, pause=0.5)
    return [Order.objects.get(uid=uid) for uid in shown if uid]


def put_off(uids: Iterable[UUID | None]) -> None:
    """Let these orders wait for the release: each death costs a start of a process."""
    numbers = Order.objects.filter(uid__in=list(uids)).values("number")
    later = timezone.now() + timedelta(hours=1)
    Saga.objects.filter(reference__in=numbers).update(
        attempt=1, due_at=later, sweep_at=later
    )


def go_on() -> None:
    now = timezone.now()
    Saga.objects.live().update(due_at=now, sweep_at=now)


def test_a_release_that_adds_or_removes_a_step_completes_orders_at_every_step(
    releases: LiveStack,
) -> None:
    before = orders_stopped_at(releases, OURS)
    reached = {step for order in before for step in current_steps(order)}

    roll_out(releases, ADDED)
    wait_until_done(releases, before)

    # No saga stops at a step that shares a transaction with the step before it.
    assert {"reserve_stock", "authorize_payment", "capture_payment"} <= reached
    place = OURS.index("fulfil_order")
    assert all(NEW_STEP in steps_done(order) for order in before[:place])

    later = orders_stopped_at(releases, [*OURS, NEW_STEP])

    roll_out(releases, REMOVED)
    wait_until_done(releases, later)

    for order in (*before, *later):
        assert captured(releases, order) == [order.total_minor]
        assert set(OURS) <= set(steps_done(order))


def current_steps(order: Order) -> set[str]:
    """Return the current steps of the sagas of an order."""
    sagas = Saga.objects.filter(reference=order.number)
    return set(sagas.values_list("step", flat=True))


def steps_done(order: Order) -> list[str]:
    """Return the steps that were done, in order."""
    done = Attempt.objects.filter(
        saga__reference=order.number, outcome=Attempt.Outcome.OK
    )
    return list(done.values_list("step", flat=True))
