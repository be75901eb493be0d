"""The pages of a waiting room, with and without a script."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from checkout.waiting_room.models import Ticket
from checkout.waiting_room.services import close_room
from inventory.models import StockItem
from orders.models import Order
from shop.catalogue.models import Product
from tests.support.orders import make_cart
from tests.support.shopping import (
    CART,
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    fill_and_inform,
    purchase_form,
    text_of,
)
from tests.support.waiting_rooms import come, let_in_before, numbers, open_for

LINE = "/checkout/line/"


@pytest.mark.django_db
def test_a_customer_waits_with_a_plain_browser_and_is_let_in(
    client: Client, mug: Product
) -> None:
    before, _in = come()
    open_for(mug)
    numbers(before)
    fill(client, {"MUG-01": 1})
    assert "You join the line on the next page" in text_of(client.get(CART))

    answer = client.get(INFORMATION)
    assert (answer.status_code, answer["Location"]) == (303, LINE)
    page = client.get(LINE)
    assert "Your place in line: <strong>1</strong>" in text_of(page)
    assert '<meta http-equiv="refresh" content="5">' in text_of(page)
    assert "no-store" in page["Cache-Control"]
    assert client.get(LINE).status_code == 200
    assert Ticket.objects.count() == 2, "reloading draws no other number"
    assert client.get(CONFIRMATION).status_code == 303

    let_in_before(60, before)

    answer = client.get(LINE)
    assert (answer.status_code, answer["Location"]) == (303, INFORMATION)
    assert client.get(INFORMATION).status_code == 200


@pytest.mark.django_db
def test_the_script_is_sent_only_what_changed(client: Client, mug: Product) -> None:
    first, _in = come()
    second, _in = come()
    open_for(mug)
    numbers(first, second)
    fill(client, {"MUG-01": 1})
    by_script = {"HX-Request": "true"}

    part = client.get(LINE, headers=by_script)
    assert "<html" not in part.content.decode()
    assert "<title>Number 2 in line" in text_of(part)
    assert client.get(f"{LINE}?seen=2", headers=by_script).status_code == 204

    let_in_before(60, first)
    numbers(second)

    moved = client.get(f"{LINE}?seen=2", headers=by_script)
    assert "You are next." in text_of(moved)
    let_in_before(60, second)
    assert client.get(LINE, headers=by_script)["HX-Redirect"] == INFORMATION


@pytest.mark.django_db
def test_a_purchase_past_the_line_is_refused_and_keeps_what_was_typed(
    client: Client, mug: Product, settings: Settings
) -> None:
    room = open_for(mug)
    fill_and_inform(client, {"MUG-01": 1})
    form = purchase_form(client)
    let_in_before(settings.WAITING_ROOM_MINUTES + 1, Ticket.objects.get().cart)
    other, _in = come()

    answer = client.post(CONFIRMATION, form, follow=True)

    assert answer.redirect_chain == [(CONFIRMATION, 303), (LINE, 303)]
    assert "Your order was not placed, and nothing was charged" in text_of(answer)
    assert "You are number 1 in line" in text_of(answer)
    assert Order.objects.count() == 0
    assert client.post(INFORMATION, RECIPIENT)["Location"] == CONFIRMATION

    close_room(room)
    assert client.post(CONFIRMATION, purchase_form(client)).status_code == 303
    assert Order.objects.count() == 1
    assert other.pk


@pytest.mark.django_db
def test_the_line_says_when_the_last_ones_are_reserved_or_sold(
    client: Client, mug: Product
) -> None:
    before, _in = come()
    open_for(mug)
    numbers(before)
    fill(client, {"MUG-01": 1})
    stock = StockItem.objects.filter(sku="MUG-01")
    on_hand = stock.get().on_hand
    stock.update(held=on_hand)
    assert "Everything that is left is in other customers" in text_of(client.get(LINE))

    Product.objects.update(is_active=False)
    assert client.get(LINE)["Location"] == CART, "nobody gives it back"
    Product.objects.update(is_active=True)

    stock.update(held=0, on_hand=0)

    assert client.get(LINE)["Location"] == CART


@pytest.mark.django_db
def test_without_a_room_or_a_cart_the_page_leads_on(
    client: Client, mug: Product
) -> None:
    assert client.get(LINE)["Location"] == CART
    # Such as from a page that waits, after the order in another tab.
    by_script = client.get(LINE, headers={"HX-Request": "true"})
    assert by_script["HX-Redirect"] == CART
    assert "Location" not in by_script
    fill(client, {"MUG-01": 1})
    assert client.get(LINE)["Location"] == INFORMATION
    assert client.post(LINE).status_code == 405


@pytest.mark.django_db
def test_pages_of_the_catalogue_are_the_same_and_stay_kept(
    client: Client, mug: Product
) -> None:
    address = mug.get_absolute_url()
    client.get(address)
    with CaptureQueriesContext(connection) as before:
        page = client.get(address)

    open_for(mug)
    make_cart({"MUG-01": 1})

    with CaptureQueriesContext(connection) as after:
        again = client.get(address)
    assert again["ETag"] == page["ETag"]
    assert again.content == page.content
    assert len(after) == len(before)


@pytest.mark.django_db
def test_pages_of_the_checkout_ask_nothing_more_without_a_room(
    client: Client, mug: Product
) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    for page in (CART, INFORMATION, CONFIRMATION):
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        asked = [one["sql"] for one in queries if "checkout_ticket" in one["sql"]]
        assert asked == [], page
        rooms = [one["sql"] for one in queries if "waitingroom" in one["sql"]]
        assert len(rooms) == 1, "read with the lines of the cart"
