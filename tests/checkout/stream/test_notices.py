"""Notices that come from events: a product runs out, a consumer fails."""

from datetime import UTC, datetime, timedelta

import pytest

from checkout.alerts import notices
from checkout.stream import low_stock
from checkout.stream.models import LowStock
from events.consumers import Consumer, forget_consumer, register_consumer
from events.deliveries import deliver_due
from events.models import Delivery, Event
from events.replay import Period, replay
from events.router import route_all
from inventory.services import adjust, receive
from saga.models import Alert

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def move(difference: int, reference: str) -> None:
    adjust("TEA-01", difference, reference, "counted", "yuki")
    route_all()
    deliver_due()


def topics() -> list[str]:
    return list(Alert.objects.order_by("pk").values_list("topic", flat=True))


def low() -> list[str]:
    return list(LowStock.objects.values_list("sku", flat=True))


MORNING = datetime(2030, 1, 31, 0, 30, tzinfo=UTC)  # 9:30 in Japan


def test_staff_hear_once_a_day_of_all_that_runs_out() -> None:
    for sku in ("TEA-01", "MUG-01"):
        receive(sku, 20, f"delivery-{sku}")
    move(-15, "count-1")
    move(-1, "count-2")
    adjust("MUG-01", -17, "count-3", "counted", "yuki")
    route_all()
    deliver_due()
    assert topics() == []

    assert low_stock.tell_if_due(MORNING - timedelta(hours=2)) == 0
    assert low_stock.tell_if_due(MORNING) == 2
    assert low_stock.tell_if_due(MORNING + timedelta(minutes=1)) == 0
    assert topics() == ["low_stock"]

    title, lines = notices.write(Alert.objects.get())
    assert title == "2 products are low on stock"
    assert lines[:2] == [
        "MUG-01: 3 left, threshold 5, new",
        "TEA-01: 4 left, threshold 5, new",
    ]
    assert any("/admin/inventory/stockitem/" in line for line in lines)


def test_a_day_without_news_has_no_notice_and_the_next_one_names_all() -> None:
    receive("TEA-01", 5, "delivery-1")
    move(-1, "count-1")
    assert low_stock.tell_if_due(MORNING) == 1
    day = timedelta(days=1)
    assert low_stock.tell_if_due(MORNING + day) == 0

    receive("MUG-01", 2, "delivery-2")
    route_all()
    deliver_due()
    Alert.objects.update(closed_at=MORNING)

    assert low_stock.tell_if_due(MORNING + 2 * day) == 1
    _title, lines = notices.write(Alert.objects.latest("pk"))
    assert lines[:2] == [
        "MUG-01: 2 left, threshold 5, new",
        "TEA-01: 4 left, threshold 5",
    ]


def test_when_units_came_in_it_may_run_out_again() -> None:
    receive("TEA-01", 5, "delivery-1")
    move(-1, "count-1")
    assert low_stock.tell_if_due(MORNING) == 1
    Alert.objects.update(closed_at=MORNING)

    move(20, "count-2")
    assert low() == []
    move(-20, "count-3")

    assert low_stock.tell_if_due(MORNING + timedelta(days=1)) == 1
    assert topics() == ["low_stock"] * 2


def test_a_replay_tells_nobody_again() -> None:
    receive("TEA-01", 5, "delivery-1")
    move(-1, "count-1")
    low_stock.tell_if_due(MORNING)

    replay(low_stock.CONSUMER, Period(), lambda _done: None)
    deliver_due()

    assert low_stock.tell_if_due(MORNING + timedelta(days=1)) == 0


def test_staff_hear_of_a_consumer_that_fails() -> None:
    def fail(_event: Event) -> None:
        message = "card 4242424242424242 in the way"
        raise ValueError(message)

    register_consumer(Consumer("broken", ("stock.*",), fail, attempts=1))
    try:
        receive("TEA-01", 20, "delivery-1")
        route_all()
        deliver_due()
    finally:
        forget_consumer("broken")

    assert topics() == ["dead_letter broken"]
    title, lines = notices.write(Alert.objects.get())
    assert title == "Events could not be delivered to broken: 1"
    assert lines[0].startswith("Last error: ValueError:")
    assert "4242424242424242" not in lines[0] + Delivery.objects.dead().get().error
