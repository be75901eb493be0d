"""Search engines find the goods, and no cart, order or staff page."""

from typing import Any

import pytest
from django.test import Client

from orders.models import Order
from shop.catalogue.models import Product
from tests.support.ordering import place

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(mug: Product) -> Order:
    return place(units={"MUG-01": 1})[0]


@pytest.mark.parametrize(
    "path",
    [
        "/cart/",
        "/checkout/information/",
        "/orders/{uid}/",
        "/orders/{uid}/progress/",
        "/missing/nonsense/",
        "/admin/login/",
        "/admin/",
    ],
)
def test_pages_of_persons_are_not_indexed(
    client: Client, order: Order, path: str
) -> None:
    answer = client.get(path.format(uid=order.uid))

    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    if "<head>" in answer.content.decode() and not path.startswith("/admin/"):
        assert '<meta name="robots" content="noindex, nofollow">' in text(answer)


@pytest.mark.parametrize("path", ["/", "/p/mug/", "/search/?q=mug"])
def test_pages_of_goods_are_indexed(client: Client, mug: Product, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert "X-Robots-Tag" not in answer
    assert 'name="robots"' not in text(answer)


def test_robots_are_told_what_not_to_read(client: Client) -> None:
    answer = client.get("/robots.txt")

    assert answer["Content-Type"] == "text/plain"
    assert "Disallow: /admin/" in text(answer)
    assert "/orders/" not in text(answer), "an engine must be able to read noindex"


def text(answer: Any) -> str:
    return str(answer.content.decode())
