"""What waits for a consumer that is gone becomes a dead letter, and keeps no event."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from events.consumers import Consumer, forget_consumer
from events.models import Delivery, Event
from events.orphans import GONE, end_orphans
from events.retention import forget_events
from events.router import route_all
from outgoing.webhooks.models import Endpoint
from outgoing.webhooks.services import add, remove, switch_off
from saga.models import Alert
from shop.database_clock import Now
from tests.events.conftest import AT, capture

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
Register = Callable[..., Consumer]


def wait_days(days: int = 2) -> None:
    Delivery.objects.update(due_at=Now(-timedelta(days=days)))


def test_deliveries_to_nobody_end_after_a_day_and_staff_hear_once(
    consumer: Register,
) -> None:
    consumer()
    consumer("gardener")
    capture(1, 3, 5)
    route_all()
    forget_consumer("gardener")
    assert end_orphans() == 0  # perhaps an older process asks

    wait_days()
    assert (end_orphans(), end_orphans()) == (3, 0)

    ended = Delivery.objects.dead()
    assert {each.consumer for each in ended} == {"gardener"}
    assert {each.error_class for each in ended} == {GONE}
    assert Delivery.objects.waiting().filter(consumer="cook").count() == 3
    assert Alert.objects.get().topic == "dead_letter gardener"


def test_a_dead_letter_of_nobody_keeps_no_event(consumer: Register) -> None:
    consumer("gardener")
    capture(1, 3, 5)
    route_all()
    wait_days()
    forget_consumer("gardener")
    after = AT + timedelta(days=1)
    assert forget_events(after) == 0

    end_orphans()
    assert forget_events(after) == 2
    assert Event.objects.get().data["litres"] == 5


def test_what_waits_for_an_endpoint_that_is_switched_off_is_kept(
    consumer: Register,
) -> None:
    endpoint = Endpoint(name="ERP", url="https://192.0.2.7/hook", types="tea.*")
    add(endpoint, "mina")
    capture(1)
    route_all()
    switch_off(endpoint)
    wait_days()
    assert end_orphans() == 0
    assert Delivery.objects.waiting().count() == 1

    name = endpoint.consumer
    remove([endpoint])
    # Routed just then, by a process that still knew the endpoint.
    event = Event.objects.get()
    Delivery.objects.create(event=event, consumer=name, subject=event.subject)
    wait_days()
    assert end_orphans() == 1
