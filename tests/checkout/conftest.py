"""An order of the checkout, a folder for its pictures, and a warehouse."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from pytest_django.fixtures import Settings

from checkout.aftersales.warehouse.port import get_warehouse
from orders.models import Order
from saga import circuit_breaker
from shop.catalogue.models import Product
from tests.support.refunding import make_charged_order
from tests.support.shopping import make_order
from tests.support.warehouse import BOTH, FakeWarehouse, go_on


@pytest.fixture(autouse=True)
def pictures_apart(media_dir: Path) -> None:
    """Keep the pictures of each test in a folder of its own."""


@pytest.fixture
def order(mug: Product) -> Order:
    """An order of two mugs that nobody has begun to work on."""
    return make_order({"MUG-01": 2})


@pytest.fixture
def warehouse(settings: Settings) -> Iterator[FakeWarehouse]:
    """A warehouse system in memory; the shop is configured to use it."""
    settings.WAREHOUSE = "http"
    settings.WAREHOUSE_ADAPTER = "tests.support.warehouse.FakeWarehouse"
    get_warehouse.cache_clear()
    yield cast("FakeWarehouse", get_warehouse())
    get_warehouse.cache_clear()
    circuit_breaker._suspects.clear()


@pytest.fixture
def requested(warehouse: FakeWarehouse, gateway: object, clock: object) -> Order:
    """A paid order of two mugs and a tea that the warehouse was asked for."""
    order = make_charged_order(BOTH)
    go_on(order)
    return order
