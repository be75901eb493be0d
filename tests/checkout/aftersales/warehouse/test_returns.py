"""The warehouse reports a customer's return: booked once, refused if not awaited."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from checkout.aftersales.returns import services
from checkout.aftersales.warehouse.models import WarehouseProblem, WarehouseReport
from checkout.mail.models import OrderMail
from inventory.models import Movement
from orders.models import Order, Refund, Return
from saga.models import Alert
from shop.outbound.standard_webhooks import sign
from tests.support.ordering import counters
from tests.support.returns import arrive, ask_to_return, register
from tests.support.shortages import assert_books_agree
from tests.support.staff import make_staff
from tests.support.warehouse import BOTH, box, go_on, tell

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
SECRET = "whsec_YS1zZWNyZXQtb2YtdGhlLXJlcG9ydHMtb25l"
OTHER = "whsec_YS1zZWNyZXQtb2YtdGhlLXJlcG9ydHMtdHdv"


@pytest.fixture(autouse=True)
def secrets(settings: Settings) -> None:
    settings.WAREHOUSE_REPORT_SECRETS = [SECRET]


@pytest.fixture
def sent(requested: Order) -> Order:
    """Return an order of two mugs and one tea that the warehouse has sent."""
    tell("accepted", requested, 1)
    tell("shipped", requested, 2, parcel=box(1, BOTH))
    go_on(requested)
    return Order.objects.get(pk=requested.pk)


def items(**units: tuple[int, int]) -> list[dict[str, Any]]:
    """Return the items of a report: article -> units restocked and scrapped."""
    return [
        {"sku": f"{name.upper()}-01", "restocked": sold, "scrapped": unfit}
        for name, (sold, unfit) in units.items()
    ]


def post(
    order: Order, found: object, message_id: str = "msg_back", secret: str = SECRET
) -> Any:
    data = {"shipment": order.number, "items": found}
    content = json.dumps({"type": "shipment.return_arrived", "data": data})
    return Client().post(
        "/webhooks/warehouse/",
        content,
        content_type="application/json",
        headers=sign(message_id, content, [secret]),
    )


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_its_units_are_booked_and_staff_only_refund(sent: Order) -> None:
    returned = register(sent)
    mugs, teas = counters("MUG-01")[0], counters("TEA-01")[0]

    answer = post(sent, items(mug=(1, 1), tea=(1, 0)))

    assert answer.json() == {"taken": True, "again": False}
    returned.refresh_from_db()
    assert (returned.status, returned.received_by) == ("received", "warehouse")
    assert (counters("MUG-01")[0], counters("TEA-01")[0]) == (mugs + 1, teas + 1)
    assert Movement.objects.filter(kind="scrap").count() == 1
    assert OrderMail.objects.filter(kind="return_received").count() == 1
    assert not Refund.objects.exists()
    clerk = Client()
    clerk.force_login(make_staff("view_order", "handle_return", "refund"))
    assert "1 return has arrived" in clerk.get(reverse("admin:index")).content.decode()
    assert_books_agree()


def test_what_is_not_named_was_not_in_the_parcel(sent: Order) -> None:
    returned = register(sent)

    post(sent, items(mug=(1, 0)))

    found = {row.goods.sku: row.absent for row in returned.lines.all()}
    assert found == {"MUG-01": 1, "TEA-01": 1}
    assert_books_agree()


def test_the_same_report_twice_is_booked_once(sent: Order) -> None:
    register(sent)
    post(sent, items(mug=(2, 0)))
    before = counters()

    again = post(sent, items(mug=(2, 0)))
    other = post(sent, items(mug=(2, 0)), "msg_new")

    assert again.json() == {"taken": True, "again": True}
    assert refused(other) == (404, "unknown_return")
    assert counters() == before
    assert refused(post(sent, items(mug=(1, 0)))) == (409, "reused_id")


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (items(cup=(1, 0)), (422, "wrong_items")),
        (items(mug=(2, 1)), (422, "too_many_units")),
        (items(mug=(0, 0)), (400, "unreadable")),
        (items(mug=(-1, 2)), (400, "unreadable")),
        (items(mug=(1, 0)) * 2, (400, "unreadable")),
        ([], (400, "unreadable")),
        ("MUG-01", (400, "unreadable")),
    ],
)
def test_what_cannot_be_true_changes_nothing_and_alerts_staff(
    sent: Order, found: object, code: tuple[int, str]
) -> None:
    returned = register(sent)
    before = counters()

    assert refused(post(sent, found)) == code

    returned.refresh_from_db()
    assert (returned.status, counters()) == ("approved", before)
    assert WarehouseReport.objects.exclude(refused="").count() == 1
    assert Alert.objects.filter(topic__startswith="warehouse_reports").count() == 1


def test_a_report_that_is_not_signed_changes_nothing(sent: Order) -> None:
    returned = register(sent)

    assert refused(post(sent, items(mug=(2, 0)), secret=OTHER)) == (
        401,
        "bad_signature",
    )

    returned.refresh_from_db()
    assert returned.status == Return.Status.APPROVED
    assert WarehouseProblem.objects.get().cause == "bad_signature"


def test_a_return_that_nobody_allowed_is_refused(sent: Order) -> None:
    ask_to_return(sent)
    before = counters()

    assert refused(post(sent, items(mug=(2, 0)))) == (404, "unknown_return")

    assert counters() == before
    assert Return.objects.get().status == Return.Status.REQUESTED


def test_an_unknown_shipment_is_refused(sent: Order) -> None:
    sent.number = "261122-NOBODY"

    assert refused(post(sent, items(mug=(2, 0)))) == (404, "unknown_shipment")


def test_of_two_returns_the_one_that_awaits_the_items_is_booked(sent: Order) -> None:
    tea, mugs = register(sent, {"TEA-01": 1}), register(sent, {"MUG-01": 2})

    post(sent, items(mug=(2, 0)))

    tea.refresh_from_db()
    mugs.refresh_from_db()
    assert (tea.status, mugs.status) == ("approved", "received")


def test_two_returns_of_one_order_are_both_taken(sent: Order) -> None:
    for name, units in (("msg_1b", {"TEA-01": 1}), ("msg_2b", {"MUG-01": 2})):
        register(sent, units)
        article = next(iter(units)).removesuffix("-01").lower()
        count = next(iter(units.values()))
        assert post(sent, items(**{article: (count, 0)}), name).status_code == 200

    assert Return.objects.filter(status="received").count() == 2


def test_what_a_colleague_recorded_is_not_booked_again(sent: Order) -> None:
    returned = register(sent)
    arrive(returned)
    before = counters()

    assert refused(post(sent, items(mug=(2, 0)))) == (404, "unknown_return")

    assert counters() == before
    assert services.reference_of(returned).startswith(sent.number)
