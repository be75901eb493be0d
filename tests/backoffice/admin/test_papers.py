"""Staff print packing slips and delivery notes, one or many, as pages and as PDF."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Order
from tests.support.orders import make_order
from tests.support.staff import make_staff

pytestmark = pytest.mark.django_db


def address(name: str, *orders: Order | str, **more: str) -> str:
    numbers = [("order", getattr(order, "number", order)) for order in orders]
    page = "orders_order_paper_pdf" if name.endswith(".pdf") else "orders_order_paper"
    base = reverse(f"admin:{page}", args=[name.removesuffix(".pdf")])
    return f"{base}?{urlencode([*numbers, *more.items()])}"


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_staff("view_order"))
    return client


def test_many_slips_are_one_page_in_the_order_asked_for(viewer: Client) -> None:
    first, second, third = (make_order({f"MUG-0{n}": n}) for n in (1, 2, 3))

    answer = viewer.get(address("packing-slip", third, first, second, first))

    html = answer.content.decode()
    assert answer.status_code == 200
    assert html.count("<article") == 3
    places = [html.index(f">{order.number}<") for order in (third, first, second)]
    assert places == sorted(places)
    assert "<style" not in html
    assert " style=" not in html


def test_the_pdf_has_all_of_them(viewer: Client) -> None:
    orders = [make_order() for _number in range(3)]

    answer = viewer.get(address("packing-slip.pdf", *orders))

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == (
        'inline; filename="packing-slip-3-orders.pdf"'
    )
    assert answer.content.startswith(b"%PDF-")
    assert answer.content.count(b"/Type /Page\n") == 3


def test_prices_and_language_are_chosen_by_the_address(viewer: Client) -> None:
    order = make_order()

    plain = viewer.get(address("packing-slip", order)).content.decode()
    priced = viewer.get(
        address("packing-slip", order, prices="yes", language="ja")
    ).content.decode()

    assert "1,800" not in plain
    assert "￥1,800" in priced
    assert "納品明細" in priced or 'lang="ja"' in priced


def test_an_unknown_order_is_named_and_the_others_are_printed(viewer: Client) -> None:
    order = make_order()

    answer = viewer.get(address("packing-slip", order, "261129-NOSUCH"))

    html = answer.content.decode()
    assert html.count("<article") == 1
    assert "261129-NOSUCH" in html
    assert 'role="alert"' in html


def test_no_pdf_leaves_an_order_out_silently(viewer: Client) -> None:
    order = make_order()

    answer = viewer.get(address("packing-slip.pdf", order, "261129-NOSUCH"))

    assert answer["Content-Type"].startswith("text/html")
    assert "261129-NOSUCH" in answer.content.decode()


def test_without_orders_the_page_says_how_to_name_them(viewer: Client) -> None:
    answer = viewer.get(address("packing-slip"))

    assert answer.status_code == 404
    assert "?order=NUMBER" in answer.content.decode()


def test_other_papers_are_not_printed_here(viewer: Client) -> None:
    assert viewer.get(address("invoice", make_order())).status_code == 404
    assert viewer.get(address("nonsense.pdf", make_order())).status_code == 404


def test_staff_who_may_not_see_orders_get_none(client: Client) -> None:
    client.force_login(make_staff(name="soto"))

    assert client.get(address("packing-slip", make_order())).status_code == 403
    assert client.get(address("delivery-note.pdf", make_order())).status_code == 403
