"""A customer who tried too many cards reads why, and keeps the cart."""

import pytest
from django import test
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from checkout.card_testing.models import Client
from checkout.payments.fake.gateway import FakeGateway
from orders.models import Order, PaymentAttempt
from saga.engine import run
from saga.models import Saga
from shop.catalogue.models import Product
from shop.web.client_address import client_address
from tests.support.shopping import CART, CONFIRMATION, fill_and_inform
from tests.support.shopping import purchase_form as form_of

DECLINED = "pm_card_visa_chargeDeclined"
TOLD = "Too many cards were tried from your internet connection within an hour"


@pytest.fixture(autouse=True)
def one(settings: Settings) -> None:
    settings.CARD_TRIES_PER_HOUR = 1


def test_an_order_after_a_declined_card_is_turned_away_and_the_cart_kept(
    client: test.Client, mug: Product, gateway: FakeGateway
) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    client.post(CONFIRMATION, form_of(client, DECLINED))
    run(Saga.objects.main_paths().get().pk)
    assert PaymentAttempt.objects.get().client == "127.0.0.1"
    fill_and_inform(client, {"MUG-01": 1})

    answer = client.post(CONFIRMATION, form_of(client, "ctoken_2"), follow=True)

    assert answer.redirect_chain == [(CONFIRMATION, 303)]
    page = " ".join(answer.content.decode().split())
    assert TOLD in page
    assert "nothing was charged" in page
    assert "(Japan time)" in page
    assert Order.objects.count() == 1
    assert client.get(CART).content.decode().count("line-quantity") > 0
    assert Client.objects.get().refusals == 1


def test_another_card_within_the_hour_is_turned_away_on_the_order_s_page(
    client: test.Client, mug: Product, gateway: FakeGateway
) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    client.post(CONFIRMATION, form_of(client, DECLINED))
    order = Order.objects.get()
    run(Saga.objects.main_paths().get().pk)

    answer = client.post(
        f"/orders/{order.uid}/card/", {"confirmation_token": "ctoken_2"}, follow=True
    )

    page = " ".join(answer.content.decode().split())
    assert TOLD in page
    assert "Nothing was charged, and your order is kept." in page
    assert PaymentAttempt.objects.count() == 1


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "198.51.100.9", "8.8.4.4"),
        (1, "198.51.100.9, 8.8.8.8", "8.8.8.8"),
        (2, "6.6.6.6, 8.8.8.8, 9.9.9.9", "8.8.8.8"),
        (2, "8.8.8.8", ""),
        (1, "", ""),
    ],
)
def test_the_visitor_is_who_the_outermost_trusted_proxy_heard(
    settings: Settings, proxies: int, forwarded: str, seen: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get(
        "/", REMOTE_ADDR="8.8.4.4", headers={"X-Forwarded-For": forwarded}
    )

    assert client_address(request) == seen


def test_in_production_a_private_address_is_a_proxy_and_shuts_nobody_out(
    settings: Settings,
) -> None:
    settings.PRODUCTION = True
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.3")

    assert client_address(request) == ""
