"""Carts to which nobody comes back are removed early, the others kept for 30 days."""

import pytest
from django.test import Client
from django.utils import timezone

from checkout.cart.models import Cart
from checkout.cart.retention import forget_carts
from checkout.periodic_jobs import tidy
from shop.catalogue.models import Product
from tests.conftest import Clock
from tests.support.shopping import ADD, fill, fill_and_inform

DAY = 86_400


@pytest.fixture(autouse=True)
def goods(mug: Product, clock: Clock) -> None:
    """Ten mugs, and a clock that can be moved."""


def test_posts_without_a_cookie_leave_carts_for_a_day_only(clock: Clock) -> None:
    for _program in range(3):
        Client().post(ADD, {"sku": "MUG-01", "quantity": 1})
    assert Cart.objects.count() == 3
    clock.shift(DAY)
    assert forget_carts(timezone.now()) == 0

    clock.shift(1)

    assert tidy(timezone.now())["carts"] == 3
    assert not Cart.objects.exists()


@pytest.mark.parametrize("page", ["/", "/cart/", "/p/mug/"])
def test_a_visitor_who_saw_any_page_after_that_keeps_the_cart_for_a_month(
    client: Client, clock: Clock, page: str
) -> None:
    fill(client, {"MUG-01": 1})
    client.get(page)
    clock.shift(30 * DAY)

    assert forget_carts(timezone.now()) == 0
    clock.shift(DAY + 1)
    assert forget_carts(timezone.now()) == 1


def test_a_visitor_who_changed_the_cart_keeps_it(client: Client, clock: Clock) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    clock.shift(2 * DAY)

    assert forget_carts(timezone.now()) == 0


@pytest.mark.parametrize(
    "form",
    [
        {"sku": "NO-SUCH", "quantity": 1},
        {"sku": "MUG-01", "quantity": 11},
        {"sku": "MUG-01", "quantity": "many"},
        {"sku": "MUG-01", "quantity": 99},
        {},
    ],
)
def test_a_post_that_adds_nothing_makes_no_cart(
    client: Client, form: dict[str, str]
) -> None:
    client.post(ADD, form)

    assert not Cart.objects.exists()
    assert "cart" not in client.cookies


def test_more_than_one_batch_is_removed_in_one_turn(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checkout.cart.retention._BATCH", 2)
    Cart.objects.bulk_create(Cart() for _number in range(5))
    clock.shift(DAY + 1)

    assert forget_carts(timezone.now()) == 5
