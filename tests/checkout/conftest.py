"""An order of the checkout, and a folder for the pictures of its goods."""

from pathlib import Path

import pytest

from orders.models import Order
from shop.catalogue.models import Product
from tests.support.shopping import make_order


@pytest.fixture(autouse=True)
def pictures_apart(media_dir: Path) -> None:
    """Keep the pictures of each test in a folder of its own."""


@pytest.fixture
def order(mug: Product) -> Order:
    """An order of two mugs that nobody has begun to work on."""
    return make_order({"MUG-01": 2})
