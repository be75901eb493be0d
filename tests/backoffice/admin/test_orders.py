"""The list and page of orders: search, filters, and everything about an order."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.backoffice.answers import numbers
from tests.support.staff import make_done, make_staff, make_stalled

LIST = "/admin/orders/order/"


@pytest.fixture
def clerk(client: Client, db: None) -> Client:
    """Return a client who may read orders and what belongs to them."""
    names = ["order", "orderline", "payment", "shipment", "orderevent"]
    user = make_staff(*(f"view_{name}" for name in names), name="jimu")
    client.force_login(user)
    return client


def test_the_list_shows_payment_and_saga(clerk: Client) -> None:
    make_stalled()
    html = clerk.get(LIST).content.decode()
    assert "¥4,200" in html
    assert "charged" in html
    assert "stopped, action needed" in html
    assert "By payment" in html


def test_filter_by_the_sagas_state(clerk: Client) -> None:
    make_done("261122-DONE00")
    make_stalled("261122-STOPS0")
    assert numbers(clerk.get(LIST, {"saga": "failed"})) == ["261122-STOPS0"]
    assert numbers(clerk.get(LIST, {"saga": "done"})) == ["261122-DONE00"]


def test_search_by_intent(clerk: Client) -> None:
    make_done("261122-DONE00")
    make_stalled("261122-STOPS0")
    assert numbers(clerk.get(LIST, {"q": "pi_261122-DONE00"})) == ["261122-DONE00"]


def test_a_page_of_orders_costs_a_fixed_number_of_queries(clerk: Client) -> None:
    make_stalled("261122-A00000")
    clerk.get(LIST)
    with CaptureQueriesContext(connection) as few:
        clerk.get(LIST)
    for count in range(15):
        make_done(f"261122-B{count:05}")
    with CaptureQueriesContext(connection) as many:
        assert len(numbers(clerk.get(LIST))) == 16
    assert len(many) == len(few)


def test_one_order_says_in_words_what_it_keeps_as_keys(clerk: Client) -> None:
    order = make_done("261122-DONE00")
    html = clerk.get(f"{LIST}{order.pk}/change/").content.decode()
    assert "Tokyo" in html
    assert "Deliver in person" in html
    assert "English" in html


def test_one_order_shows_lines_payment_saga_and_the_ways_onward(clerk: Client) -> None:
    order = make_stalled()
    html = clerk.get(reverse("admin:orders_order_change", args=[order.pk])).content
    page = html.decode()
    assert "Morning mug" in page
    assert "pi_261122-AAAAAA" in page
    assert "Traceback: boom" in page
    assert reverse("admin:backoffice_stalledorder_change", args=[order.pk]) in page
    assert reverse("checkout:order", args=[order.uid]) in page
