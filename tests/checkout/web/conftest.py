from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from orders.models import Order
from shop.catalogue.models import Product
from tests.catalogue.factories import make_product
from tests.checkout.web.shopping import make_order


@pytest.fixture(autouse=True)
def media_dir(tmp_path: Path, settings: Settings) -> Path:
    """A folder of its own for the pictures of each test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def mug(db: None) -> Product:
    """Ten mugs, MUG-01, at 1,800 yen."""
    return make_product()


@pytest.fixture
def tea(db: None) -> Product:
    """Ten packets of tea, TEA-01, at 700 yen and 8 % tax."""
    return make_product(
        "tea",
        skus=("TEA-01",),
        price_minor=700,
        tax_rate=8,
        name_en="Studio Tea",
        name_ja="スタジオ茶",
        pictures=0,
    )


@pytest.fixture
def order(mug: Product) -> Order:
    """An order of two mugs that nobody has begun to work on."""
    return make_order({"MUG-01": 2})
