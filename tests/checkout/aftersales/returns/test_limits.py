"""How often a customer may ask to return items of an order."""

import uuid

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from checkout.aftersales.returns import services
from checkout.aftersales.returns.services import MOST_A_DAY
from checkout.payments.fake.gateway import FakeGateway
from orders.errors import AskedTooOften
from orders.models import Order, Return
from tests.backoffice.answers import text_of
from tests.saga.tables import dump
from tests.support.returns import make_sent_order, register, wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(gateway: FakeGateway) -> Order:
    cache.clear()
    return make_sent_order()


def test_no_more_than_some_returns_of_an_order_are_asked_for_in_a_day(
    order: Order,
) -> None:
    wishes = [wish(order, {"MUG-01": 1}) for _time in range(MOST_A_DAY + 1)]
    for each in wishes[:-1]:
        services.withdraw(services.ask(order, each), "customer")
    before = dump()

    with pytest.raises(AskedTooOften):
        services.ask(order, wishes[-1])

    assert services.ask(order, wishes[0]).uid == wishes[0].uid, (
        "sent again, it is known"
    )
    assert dump() == before
    assert register(order).pk, "staff are not counted"


def test_a_form_that_comes_very_often_waits(order: Order, client: Client) -> None:
    page = reverse("checkout:order_returns", args=[order.uid])
    wrong = {"uid": str(uuid.uuid4()), "reason": "damaged"}
    answers = [client.post(page, wrong) for _time in range(8)]

    assert all(answer.status_code == 422 for answer in answers)
    assert "Too many attempts" not in text_of(answers[0])
    assert "Too many attempts" in text_of(answers[-1])
    client.post(page, right_form(order))
    assert not Return.objects.exists()


def test_whoever_asks_rightly_does_not_wait(order: Order, client: Client) -> None:
    page = reverse("checkout:order_returns", args=[order.uid])

    for asked in range(1, 8):
        client.post(page, right_form(order))
        assert Return.objects.count() == asked
        services.withdraw(Return.objects.latest("pk"), "customer")


def right_form(order: Order) -> dict[str, str]:
    """Return the form with which one unit is asked for."""
    units = f"units_{order.lines.get().pk}"
    return {"uid": str(uuid.uuid4()), "reason": "damaged", units: "1"}
