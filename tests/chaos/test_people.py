"""A step that kills every worker: staff get an alert, and one of them resumes it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from saga.models import Attempt, State
from tests.chaos.kill_points.trigger import Way, arm, disarm
from tests.support.catalogue import stock_up
from tests.support.chat import Chat
from tests.support.clerk import signed_in
from tests.support.customer import (
    Customer,
    saga_of,
    wait_for_state,
    wait_until_done,
)
from tests.support.live import LiveStack
from tests.support.sandbox_control import captured
from tests.support.shopping import RECIPIENT
from tests.support.waiting import wait_until

# On SQLite only, to save time: make chaos runs on both databases.
pytestmark = pytest.mark.chaos

STAFF = 20


def test_a_step_that_kills_its_worker_is_alerted_once_and_resumed_once(
    shop: LiveStack, chat: Chat
) -> None:
    chat.status, chat.refused = 500, 0
    email = arm(shop.paths.data_dir, "fulfil_order.claimed", Way.POISON)
    order = Customer(shop, recipient=RECIPIENT | {"email": email}).buy({stock_up(1): 1})

    saga = wait_for_state(shop, order, State.FAILED, seconds=90)
    assert saga.step == "fulfil_order"
    assert saga.pivot_at is not None
    assert captured(shop, order) == [order.total_minor]

    wait_until(lambda: chat.refused, "the chat refuses the alert")
    assert saga_of(order).alerted_at is None
    chat.status = 200
    wait_until(lambda: chat.about(order.number), "the chat is told", seconds=30)
    wait_until(lambda: saga_of(order).alerted_at, "staff count as told")
    assert len(chat.about(order.number)) == 1

    disarm(shop.paths.data_dir, email)
    clerk = signed_in(shop)
    form = clerk.resume_form(order)

    def press(_number: int) -> None:
        clerk.resume(form, "pressed by twenty")
        connections.close_all()

    with ThreadPoolExecutor(max_workers=STAFF) as pool:
        list(pool.map(press, range(STAFF)))

    wait_until_done(shop, [order])
    assert saga.attempts.filter(outcome=Attempt.Outcome.RESUMED).count() == 1
    assert captured(shop, order) == [order.total_minor]
