"""Notices that come from events: a product runs out, a consumer fails."""

import pytest

from checkout.alerts import notices
from events.consumers import Consumer, forget_consumer, register_consumer
from events.deliveries import deliver_due
from events.models import Delivery, Event
from events.router import route_all
from inventory.services import adjust, receive
from saga.models import Alert
from saga.sweeper import sweep
from tests.conftest import Clock

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def move(difference: int, reference: str) -> None:
    adjust("TEA-01", difference, reference, "counted", "yuki")
    route_all()
    deliver_due()


def topics() -> list[str]:
    return list(Alert.objects.order_by("pk").values_list("topic", flat=True))


def test_staff_hear_once_that_a_product_runs_out(clock: Clock) -> None:
    receive("TEA-01", 20, "delivery-1")
    move(-10, "count-1")
    assert topics() == []

    move(-5, "count-2")
    clock.shift(100_000)
    sweep()
    move(-1, "count-3")
    assert topics() == ["low_stock TEA-01"]

    title, lines = notices.write(Alert.objects.get())
    assert title == "TEA-01 is low on stock: 4 left"
    assert any("/admin/inventory/stockitem/?q=TEA-01" in line for line in lines)


def test_when_units_came_in_it_may_run_out_again(clock: Clock) -> None:
    receive("TEA-01", 5, "delivery-1")
    move(-1, "count-1")
    move(20, "count-2")
    clock.shift(100_000)
    sweep()
    move(-20, "count-3")

    assert topics() == ["low_stock TEA-01"] * 2


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
    assert lines[0].startswith("The last error: ValueError:")
    assert "4242424242424242" not in lines[0] + Delivery.objects.dead().get().error
