"""Factories of products and variants, in stock and on sale."""

from itertools import count
from typing import Any

from inventory.services import receive
from shop.catalogue.drawings import store_drawing
from shop.catalogue.models import Category, Product, Variant
from shop.catalogue.services import add_picture, index_product

_numbers = count(1)

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect/></svg>'


def make_category(slug: str = "kitchen", **fields: Any) -> Category:
    names = {"name_en": slug.title(), "name_ja": f"{slug}分類"}
    category, _created = Category.objects.get_or_create(
        slug=slug, defaults=names | fields
    )
    return category


def make_product(
    slug: str = "mug",
    *,
    skus: tuple[str, ...] = ("MUG-01",),
    units: int = 10,
    price_minor: int = 1800,
    pictures: int = 1,
    category: Category | None = None,
    **fields: Any,
) -> Product:
    """Create an indexed product; of each SKU ``units`` are in stock."""
    names = {"name_en": "Morning Mug", "name_ja": "朝のマグカップ"}
    product = Product.objects.create(
        slug=slug, category=category or make_category(), **(names | fields)
    )
    for position, sku in enumerate(skus):
        make_variant(product, sku, price_minor, units=units, position=position)
    for position in range(pictures):
        add_picture(
            product,
            [store_drawing(SVG)],
            alt_en=f"View {position + 1}",
            alt_ja=f"写真{position + 1}",
            position=position,
        )
    index_product(product.pk)
    product.refresh_from_db()
    return product


def make_variant(
    product: Product, sku: str, price_minor: int = 1800, units: int = 10, **fields: Any
) -> Variant:
    if units:
        receive(sku, units, "test")
    return Variant.objects.create(
        product=product,
        sku=sku,
        price_minor=price_minor,
        **({"label_en": f"Label {sku}", "label_ja": f"種類{sku}"} | fields),
    )


def stock_up(units: int, *, name: str = "TEST", price: int = 1800) -> str:
    """Create a new article of ``price`` yen with ``units`` in stock; return its SKU.

    Tests on one live stack use it, so that they do not buy each other's goods.
    """
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
