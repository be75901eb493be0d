"""Every change of a price is kept, and a price struck through was really asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shop.catalogue.models import PriceChange, Product, Variant
from shop.catalogue.price_history import hardly_asked, record_prices
from tests.conftest import Clock
from tests.shop.catalogue.test_admin import product_form
from tests.support.catalogue import make_category

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def ask(mug: Product, price: int, **sale: Any) -> None:
    Variant.objects.update(price_minor=price, **sale)
    record_prices(mug, "yuki")


def test_a_change_is_recorded_once(mug: Product) -> None:
    assert record_prices(mug, "yuki") == 1
    assert record_prices(mug, "hana") == 0
    ask(mug, 2000, sale_minor=1500)

    kept = list(PriceChange.objects.order_by("pk"))
    assert [(row.price_minor, row.sale_minor) for row in kept] == [
        (1800, None),
        (2000, 1500),
    ]
    assert kept[1].actor == "yuki"


def test_the_admin_records_who_changed_a_price_and_shows_it(
    admin_client: Client,
) -> None:
    admin_client.post(
        reverse("admin:catalogue_product_add"), product_form(make_category())
    )
    product = Product.objects.get()
    assert PriceChange.objects.get().actor == "admin"
    page = admin_client.get(
        reverse("admin:catalogue_product_change", args=[product.pk])
    ).content.decode()
    assert "MUG-01: ¥1,800 (admin)" in page


@pytest.mark.parametrize(
    ("days_at_price", "is_warned"), [(60, False), (29, False), (27, True), (1, True)]
)
def test_a_price_raised_before_a_sale_is_warned_of(
    clock: Clock, mug: Product, days_at_price: int, is_warned: bool
) -> None:
    Product.objects.update(released_at=NOW - 200 * DAY)
    ask(mug, 1000)
    clock.shift(100 * DAY)
    ask(mug, 1800)
    clock.shift(days_at_price * DAY)
    ask(mug, 1800, sale_minor=1500)

    found = hardly_asked(Product.objects.get(), NOW + (100 + days_at_price) * DAY)

    assert [each.sku for each in found] == (["MUG-01"] if is_warned else [])


def test_a_sale_before_does_not_count_as_the_regular_price(
    clock: Clock, mug: Product
) -> None:
    Product.objects.update(released_at=NOW - 200 * DAY)
    ask(mug, 1800, sale_minor=1000, sale_from=NOW, sale_until=NOW + 40 * DAY)
    clock.shift(56 * DAY)
    ask(mug, 1800, sale_minor=1500, sale_from=None, sale_until=None)

    # Sixteen of the last fifty-six days.
    assert len(hardly_asked(Product.objects.get(), NOW + 56 * DAY)) == 1


def test_goods_of_three_weeks_need_two_at_the_price(clock: Clock, mug: Product) -> None:
    Product.objects.update(released_at=NOW)
    ask(mug, 1800)
    clock.shift(21 * DAY)
    ask(mug, 1800, sale_minor=1500)
    assert hardly_asked(Product.objects.get(), NOW + 21 * DAY) == []


def test_a_sale_that_is_over_is_not_warned_of(clock: Clock, mug: Product) -> None:
    ask(mug, 1800, sale_minor=1500, sale_until=NOW)
    assert hardly_asked(Product.objects.get(), NOW) == []
