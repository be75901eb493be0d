"""Staff open a waiting room ahead of a launch, see its length, widen and close it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkout.waiting_room.models import WaitingRoom
from shop.catalogue.models import Product
from tests.backoffice.answers import messages, text_of
from tests.support.orders import make_cart
from tests.support.staff import make_staff
from tests.support.waiting_rooms import numbers, open_for

LIST = "/admin/checkout/waitingroom/"
OPEN = f"{LIST}open/"
LAUNCH = {"sku": "\uff2d\uff35\uff27-01", "places": "2", "reason": "launch at ten"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(client: Client) -> Client:
    """Return a client who may only manage waiting rooms."""
    client.force_login(make_staff("manage_waiting_rooms", name="mori"))
    return client


def test_a_room_is_opened_ahead_previewed_and_recorded(
    keeper: Client, mug: Product
) -> None:
    assert OPEN in text_of(keeper.get(LIST))
    page = text_of(keeper.get(f"{OPEN}?sku=MUG-01"))
    assert "Will set no goods aside for those who wait." in page
    assert 'value="MUG-01"' in page
    assert 'value="100"' in page
    assert not WaitingRoom.objects.exists()

    answer = keeper.post(OPEN, LAUNCH, follow=True)

    assert messages(answer) == ["The waiting room of Morning Mug is open."]
    room = WaitingRoom.objects.get()
    assert (room.product, room.places) == (mug, 2)
    assert (room.opened_by, room.reason) == ("mori", "launch at ten")
    again = keeper.post(OPEN, LAUNCH, follow=True)
    assert "has an open waiting room already" in messages(again)[0]
    assert WaitingRoom.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sku": "NONE-01"}, "There is no product with this SKU."),
        ({"sku": ""}, "Enter an SKU of the product."),
        ({"places": "0"}, "greater than or equal to 1"),
        ({"places": ""}, "Say how many may be in the checkout."),
        ({"reason": " "}, "Write why."),
    ],
)
def test_what_is_wrong_is_said_and_opens_nothing(
    keeper: Client, mug: Product, wrong: dict[str, str], said: str
) -> None:
    answer = keeper.post(OPEN, LAUNCH | wrong)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not WaitingRoom.objects.exists()


def test_the_list_tells_the_length_in_the_same_few_statements(
    keeper: Client, mug: Product
) -> None:
    carts = [make_cart({"MUG-01": 1}) for _buyer in range(4)]
    room = open_for(mug)
    keeper.get(LIST)  # what a process reads once
    with CaptureQueriesContext(connection) as empty:
        keeper.get(LIST)

    assert numbers(*carts) == [0, 1, 2, 3]
    with CaptureQueriesContext(connection) as full:
        page = text_of(keeper.get(LIST))

    assert 'class="field-waiting">3<' in page
    assert 'class="field-inside">1<' in page
    assert 'class="field-let_in">1<' in page
    assert len(full) == len(empty)
    assert "launch" in text_of(keeper.get(f"{LIST}{room.pk}/change/"))


def test_it_is_widened_and_closed_at_most_once(keeper: Client, mug: Product) -> None:
    carts = [make_cart({"MUG-01": 1}) for _buyer in range(3)]
    room = open_for(mug)
    numbers(*carts)
    places, close = f"{LIST}{room.pk}/places/", f"{LIST}{room.pk}/close/"
    assert "2 customers are waiting now." in text_of(keeper.get(places))

    keeper.post(places, {"places": "2"})
    assert numbers(*carts[1:]) == [0, 1]

    keeper.post(close, {"reason": "all were served"})
    room.refresh_from_db()
    assert (room.closed_by, room.close_reason) == ("mori", "all were served")
    assert numbers(carts[2]) == [0]
    for page, form in ((close, {"reason": "again"}), (places, {"places": "9"})):
        answer = keeper.post(page, form, follow=True)
        assert "Nothing was changed: the room was closed before." in messages(answer)
    room.refresh_from_db()
    assert (room.places, room.close_reason) == (2, "all were served")
    assert "it is open" not in text_of(keeper.get(LIST))


def test_whoever_may_only_look_sees_it_and_changes_nothing(
    client: Client, mug: Product
) -> None:
    room = open_for(mug)
    client.force_login(make_staff("view_waitingroom"))

    assert OPEN not in text_of(client.get(LIST))
    page = text_of(client.get(f"{LIST}{room.pk}/change/"))
    assert "close/" not in page
    for page in (OPEN, f"{LIST}{room.pk}/places/", f"{LIST}{room.pk}/close/"):
        assert client.post(page, LAUNCH).status_code == 403
    room.refresh_from_db()
    assert (room.places, room.closed_at) == (1, None)
