"""Queries of goods."""

from typing import Any

import strawberry
from django.db.models import Exists, Min, OuterRef, Q

from api.shelf import Shelf
from api.types.catalogue import (
    Category,
    Product,
    ProductConnection,
    ProductEdge,
    ProductFilter,
    ProductSort,
    category_of,
)
from api.types.pages import edges_of, read_slice
from inventory.selectors import with_free
from shop.catalogue import models
from shop.catalogue.models import PriceNow, Variant
from shop.catalogue.models.product import ProductQuerySet
from shop.catalogue.selectors import PAGE_SIZE, categories_with_counts, moved_product

_LONGEST_SEARCH = 100  # letters, as on the page
Products = ProductQuerySet


@strawberry.type
class CatalogueQuery:
    @strawberry.field(description="Products on sale.")
    def products(
        self,
        first: int = PAGE_SIZE,
        after: str | None = None,
        filter: ProductFilter | None = None,  # noqa: A002 (the schema's word)
        search: str | None = None,
        sort: ProductSort = ProductSort.RECOMMENDED,
    ) -> ProductConnection:
        found = _filtered(models.Product.objects.on_sale(), filter)
        if search:
            found = found.matching(search.strip()[:_LONGEST_SEARCH])
        part = read_slice(found.sorted_by(sort.value).for_cards(), first, after)
        shelf = Shelf(part.rows)

        def edge(cursor: str, row: models.Product) -> ProductEdge:
            return ProductEdge(cursor=cursor, node=Product(row=row, shelf=shelf))

        # A variant may have gone off sale since the products were read.
        return ProductConnection(
            rows=found, edges=edges_of(part, edge), page_info=part.info
        )

    @strawberry.field(description="By its slug, also by one that it had before.")
    def product(self, slug: str) -> Product | None:
        rows = models.Product.objects.on_sale().select_related("category", "cover")
        found = rows.filter(slug=slug).first() or moved_product(slug)
        return Product(row=found, shelf=Shelf([found])) if found else None

    @strawberry.field(description="Those with products on sale.")
    def categories(self) -> list[Category]:
        return [category_of(each) for each in categories_with_counts()]


def _filtered(found: Products, wanted: ProductFilter | None) -> Products:
    if wanted is None:
        return found
    if wanted.category is not None:
        found = found.filter(category__slug=wanted.category)
    if wanted.in_stock is not None:
        mine = Variant.objects.active().filter(product=OuterRef("pk"))
        there = Exists(mine.filter(sku__in=with_free(1)))
        found = found.filter(there if wanted.in_stock else ~there)
    return _within(found, wanted)


def _within(found: Products, wanted: ProductFilter) -> Products:
    """Keep products whose cheapest variant costs what was asked for."""
    bounds: dict[str, Any] = {"gte": wanted.price_from, "lte": wanted.price_until}
    asked = {f"cheapest__{name}": value for name, value in bounds.items() if value}
    if not asked:
        return found
    active = Q(variants__is_active=True)
    priced = found.annotate(cheapest=Min(PriceNow("variants__"), filter=active))
    return priced.filter(**asked)
