"""Goods of a test's own, so that tests on one shop do not buy each other's."""

from itertools import count

from inventory.services import receive
from shop.catalogue.models import Category, Product, Variant

_numbers = count(1)


def stock_up(units: int, *, name: str = "TEST", price: int = 1800) -> str:
    """Put a new article of ``price`` yen with ``units`` in stock; return its SKU."""
    sku = f"{name}-{next(_numbers)}"
    category, _is_new = Category.objects.get_or_create(
        slug="tests", defaults={"name_en": "Tests", "name_ja": "テスト"}
    )
    product = Product.objects.create(
        slug=sku.lower(),
        category=category,
        name_en=f"Article {sku}",
        name_ja=f"商品 {sku}",
        tax_rate=10,
    )
    Variant.objects.create(product=product, sku=sku, price_minor=price)
    if units:
        receive(sku, units, f"delivery-{sku}")
    return sku
