"""Staff see what consumers could not take, and have it tried again."""

from collections.abc import Iterator

import pytest
from django.test import Client

from backoffice.roles import GROUPS
from events.consumers import Consumer, forget_consumer, register_consumer
from events.deliveries import deliver_due
from events.models import Delivery, Event
from events.router import route_all
from inventory.services import receive
from tests.backoffice.answers import messages, text_of
from tests.support.staff import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DELIVERIES = "/admin/events/delivery/"
EVENTS = "/admin/events/event/"


@pytest.fixture
def dead_letter() -> Iterator[Delivery]:
    def fail(_event: Event) -> None:
        message = "the figures are full"
        raise ValueError(message)

    register_consumer(Consumer("figures", ("stock.*",), fail, attempts=1))
    receive("TEA-01", 20, "delivery-1")
    route_all()
    deliver_due()
    yield Delivery.objects.get(consumer="figures")
    forget_consumer("figures")


def press(client: Client, *rows: Delivery) -> list[str]:
    form = {"action": "retry_selected", "_selected_action": [row.pk for row in rows]}
    return messages(client.post(DELIVERIES, form, follow=True))


def test_a_dead_letter_is_tried_again(client: Client, dead_letter: Delivery) -> None:
    client.force_login(make_staff("view_delivery", "retry_delivery"))

    assert "the figures are full" in text_of(client.get(DELIVERIES))
    assert press(client, dead_letter) == [
        "1 delivery will be tried again within seconds."
    ]
    assert not Delivery.objects.dead().exists()
    assert press(client, dead_letter) == [
        "0 deliveries will be tried again within seconds."
    ]


def test_who_may_only_look_cannot(client: Client, dead_letter: Delivery) -> None:
    client.force_login(make_staff("view_delivery"))

    press(client, dead_letter)

    assert Delivery.objects.dead().exists()
    assert "events.retry_delivery" in GROUPS["Operator"]
    assert "events.retry_delivery" not in GROUPS["Viewer"]


def test_events_are_found_by_their_subject(
    client: Client, dead_letter: Delivery
) -> None:
    client.force_login(make_staff("view_event"))

    page = f"{EVENTS}{dead_letter.event_id}/change/"

    assert page in text_of(client.get(f"{EVENTS}?q=sku/TEA-01"))
    assert page not in text_of(client.get(f"{EVENTS}?q=sku/MUG-01"))
    assert page in text_of(client.get(f"{EVENTS}?type=stock.received"))
    assert page not in text_of(client.get(f"{EVENTS}?type=stock.shipped"))
    assert "TEA-01" in text_of(client.get(page))
