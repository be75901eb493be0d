"""A shop whose goods are sent by parcel."""

import pytest

from shop.catalogue.models import Product
from tests.support.shipping import make_method


@pytest.fixture
def goods(mug: Product, tea: Product) -> None:
    """A mug of ¥1,800 with 10 % tax and a tea of ¥700 with 8 %, sent by parcel."""
    make_method("Parcel", 600)
