"""Corrections of a recipient of which a warehouse is told, or refuses them."""

import pytest
from django.test import Client

from checkout.aftersales import corrections
from checkout.aftersales.warehouse.manual import ManualWarehouse
from checkout.aftersales.warehouse.port import (
    Answer,
    NoAnswer,
    NotFound,
    Recipient,
    Refused,
    WarehouseError,
)
from checkout.payments.fake.gateway import FakeGateway
from orders.models import Order, OrderChange
from orders.models.change import RECIPIENT
from tests.backoffice.answers import messages, text_of
from tests.support.corrections import (
    agree,
    filled,
    hand_over,
    recipient_page,
)
from tests.support.refunding import make_charged_order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def order(gateway: FakeGateway) -> Order:
    return make_charged_order({"MUG-01": 2})


class StubbornWarehouse(ManualWarehouse):
    """Answers as it is told. ``asked`` are the recipients and ways, in order."""

    def __init__(self, *answers: Answer | WarehouseError) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Recipient, str]] = []

    def change_recipient(
        self, shipment: str, recipient: Recipient, delivery: str
    ) -> Answer:
        self.asked.append((recipient, delivery))
        answer = self.answers.pop(0)
        if isinstance(answer, WarehouseError):
            raise answer
        return answer


@pytest.fixture
def warehouse(monkeypatch: pytest.MonkeyPatch) -> StubbornWarehouse:
    one = StubbornWarehouse()
    monkeypatch.setattr(corrections, "get_warehouse", lambda: one)
    return one


def test_a_gift_a_note_and_a_bill_are_corrected_and_the_warehouse_told(
    clerk: Client, order: Order, warehouse: StubbornWarehouse
) -> None:
    warehouse.answers = [Answer.ACCEPTED]
    ship_request = {"gift": "plain", "gift_message": "Happy birthday!"}
    bill = {
        "billing_name": "Minato K.K.",
        "billing_postcode": "105-0011",
        "billing_prefecture": "tokyo",
        "billing_city": "Minato-ku",
        "billing_street": "Shibakoen 4-2-8",
    }
    data = filled(order, RECIPIENT, note="Ring twice", **ship_request, **bill)

    page = text_of(clerk.post(recipient_page(order), data))
    agree(clerk, recipient_page(order), data)

    assert "Gift: “-” becomes “Gift: no prices in the parcel”." in page
    assert "Billing: prefecture: “-” becomes “Tokyo”." in page
    order.refresh_from_db()
    assert (order.gift, order.note, order.billing_name) == (
        *("plain", "Ring twice"),
        "Minato K.K.",
    )
    ((told, _delivery),) = warehouse.asked
    assert (told.gift, told.gift_message, told.note) == (
        *("plain", "Happy birthday!"),
        "Ring twice",
    )


def test_a_bill_alone_is_no_matter_of_the_warehouse(
    clerk: Client, order: Order, warehouse: StubbornWarehouse
) -> None:
    agree(clerk, recipient_page(order), filled(order, RECIPIENT, receipt_name="TV"))

    order.refresh_from_db()
    assert order.receipt_name == "TV"
    assert warehouse.asked == []


def test_a_parcel_that_leaves_at_the_same_moment_has_the_old_address(
    clerk: Client,
    order: Order,
    warehouse: StubbornWarehouse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def leave(shipment: str, recipient: Recipient, delivery: str) -> Answer:
        hand_over(order)
        return Answer.ACCEPTED

    monkeypatch.setattr(warehouse, "change_recipient", leave)
    data = filled(order, RECIPIENT, name="Taro Minato")

    (said,) = messages(agree(clerk, recipient_page(order), data))

    assert "cannot be changed any more" in said
    order.refresh_from_db()
    assert order.name == "Hanako Minato"
    assert not OrderChange.objects.exists()


def test_the_warehouse_is_asked_with_the_whole_recipient(
    clerk: Client, order: Order, warehouse: StubbornWarehouse
) -> None:
    warehouse.answers = [Answer.ACCEPTED]

    agree(clerk, recipient_page(order), filled(order, RECIPIENT, name="Taro Minato"))

    [(asked, delivery)] = warehouse.asked
    assert (asked.name, asked.street) == ("Taro Minato", order.street)
    assert delivery == order.delivery


def test_the_warehouse_is_asked_for_another_way_of_delivery(
    clerk: Client, order: Order, warehouse: StubbornWarehouse
) -> None:
    warehouse.answers = [Answer.ACCEPTED]

    agree(clerk, recipient_page(order), filled(order, RECIPIENT, delivery="leave"))

    [(asked, delivery)] = warehouse.asked
    assert (asked.name, delivery) == (order.name, "leave")
    order.refresh_from_db()
    assert order.delivery == "leave"


def test_it_is_not_asked_about_a_mail_address(
    clerk: Client, order: Order, warehouse: StubbornWarehouse
) -> None:
    data = filled(order, RECIPIENT, email="taro@example.com")

    agree(clerk, recipient_page(order), data)

    assert warehouse.asked == []
    order.refresh_from_db()
    assert order.email == "taro@example.com"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer.REFUSED, "The warehouse refuses the new recipient"),
        (Answer.PENDING, "has yet to decide"),
        (Refused("no such street"), "refuses the new recipient: no such street"),
        (NoAnswer("timed out"), "gave no clear answer: timed out"),
    ],
)
def test_what_the_warehouse_refuses_is_said_and_not_changed(
    clerk: Client,
    order: Order,
    warehouse: StubbornWarehouse,
    answer: Answer | WarehouseError,
    said: str,
) -> None:
    warehouse.answers = [answer]
    data = filled(order, RECIPIENT, name="Taro Minato")

    (message,) = messages(agree(clerk, recipient_page(order), data))

    assert said in message
    order.refresh_from_db()
    assert order.name == "Hanako Minato"
    assert not OrderChange.objects.exists()


def test_a_shipping_order_on_its_way_is_corrected_after_it(
    clerk: Client, order: Order, warehouse: StubbornWarehouse
) -> None:
    warehouse.answers = [NotFound("not yet"), Answer.ACCEPTED]
    data = filled(order, RECIPIENT, name="Taro Minato")

    answer = agree(clerk, recipient_page(order), data)

    assert messages(answer) == [f"{order.number}: the recipient is changed."]
    assert [each.name for each, _delivery in warehouse.asked] == ["Taro Minato"] * 2
