"""Staff see what consumers could not take, and have it tried again."""

from collections.abc import Iterator

import pytest
from django.test import Client

from backoffice.roles import GROUPS
from events.consumers import Consumer, forget_consumer, register_consumer
from events.dead_letters import Outcome, retry_group
from events.deliveries import deliver_due
from events.models import Delivery, Event
from events.router import route_all
from inventory.services import receive
from shop.database_clock import Now
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


RETRY_GROUP = f"{DELIVERIES}retry-group/"


@pytest.fixture
def broken() -> Iterator[set[str]]:
    """Three dead letters of one cause; what is in the set is refused."""
    refused = {"A-1", "A-2", "A-3"}

    def take(event: Event) -> None:
        if event.data["sku"] in refused:
            message = f"no room for {event.data['sku']}"
            raise ValueError(message)

    register_consumer(Consumer("figures", ("stock.*",), take, attempts=3))
    for sku in sorted(refused):
        receive(sku, 20, f"delivery-{sku}")
    route_all()
    for _attempt in range(3):
        Delivery.objects.update(due_at=Now())
        deliver_due()
    assert Delivery.objects.dead().count() == 3
    yield refused
    forget_consumer("figures")


def press_group(client: Client) -> list[str]:
    form = {"consumer": "figures", "error_class": "ValueError"}
    return messages(client.post(RETRY_GROUP, form, follow=True))


def test_one_is_tried_first_and_then_all(client: Client, broken: set[str]) -> None:
    client.force_login(make_staff("view_delivery", "retry_delivery"))
    page = text_of(client.get(DELIVERIES))
    assert "Dead letters by cause" in page
    assert "no room for A-3" in page

    assert press_group(client) == [
        "The first one failed again: the others were left alone."
    ]
    assert Delivery.objects.dead().count() == 3

    broken.discard("A-1")
    (said,) = press_group(client)
    assert said.startswith("The first one arrived: 3 deliveries in all")
    assert Delivery.objects.dead().count() == 0
    done = Delivery.objects.filter(consumer="figures", state=Delivery.State.DONE)
    assert done.get().event.data["sku"] == "A-1"

    assert press_group(client)[0].startswith("There are no such dead letters")


def test_a_group_is_not_tried_without_the_permission(
    client: Client, broken: set[str]
) -> None:
    client.force_login(make_staff("view_delivery"))
    broken.clear()
    assert "Try one, then all" not in text_of(client.get(DELIVERIES))

    assert client.post(RETRY_GROUP, {"consumer": "figures"}).status_code == 403
    assert Delivery.objects.dead().count() == 3


def test_a_group_waits_for_what_comes_before(broken: set[str]) -> None:
    register_consumer(
        Consumer("figures", ("stock.*",), lambda _event: None, in_order=True)
    )
    receive("A-1", 1, "delivery-2")
    route_all()
    second = Delivery.objects.filter(consumer="figures").latest("event_id")
    Delivery.objects.filter(pk=second.pk).update(
        state=Delivery.State.DEAD, error_class="KeyError"
    )

    assert retry_group("figures", "KeyError") == (Outcome.WAITS, 0)
    assert retry_group("figures", "ValueError") == (Outcome.RETRIED, 3)
    assert retry_group("nobody", "KeyError") == (Outcome.NOBODY, 0)
