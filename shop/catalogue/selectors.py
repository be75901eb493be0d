"""Queries of the pages: a page of cards, and a product with its offers."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import cached_property
from django.utils.translation import get_language

from shop.catalogue.models import (
    Category,
    FormerAddress,
    Picture,
    PriceNow,
    Product,
    RelatedProduct,
    Shown,
    Sort,
    Variant,
    in_language,
    published,
)
from shop.catalogue.stock import free_by_sku
from shop.money import Money

PAGE_SIZE = 24
MOST_RELATED = 4


@dataclass(frozen=True, slots=True)
class Card:
    """A product in a list, as plain values; a page shows up to 24.

    ``price`` is the cheapest variant's, ``price_before`` what it costs when there is no
    sale ("": there is none); ``free`` counts the units of all variants.
    """

    slug: str
    url: str
    picture: Shown | None
    name: str
    category: str
    programme: str
    is_new: bool
    price: str
    price_before: str
    has_dearer: bool
    free: int
    is_preorder: bool = False


@dataclass(frozen=True)
class Offer:
    """A variant on a product's page with its free units."""

    variant: Variant
    free: int


@dataclass(frozen=True)
class Listing:
    cards: list[Card]
    page: "Page[Product]"
    total: int


if TYPE_CHECKING:
    ProductPaginator = Paginator[Product]
else:
    ProductPaginator = Paginator


class CountedPaginator(ProductPaginator):
    """A paginator that gets the count, if another query has it already."""

    def __init__(self, products: QuerySet[Product], total: int | None) -> None:
        super().__init__(products, PAGE_SIZE)
        self._total = products.count() if total is None else total

    @cached_property
    def count(self) -> int:
        return self._total


def list_products(
    products: QuerySet[Product], page_number: str, total: int | None = None
) -> Listing:
    """Return one page of cards. Three queries, four if ``total`` is not given."""
    paginator = CountedPaginator(products, total)
    page = paginator.get_page(page_number)
    return Listing(cards_of(list(page.object_list)), page, paginator.count)


def categories_with_counts() -> list[Category]:
    """Return the categories with products on sale, with their ``product_count``."""
    on_sale = published("products__") & Q(products__variants__is_active=True)
    counted = Category.objects.annotate(
        product_count=Count("products", filter=on_sale, distinct=True)
    )
    # A grouped query drops the model's own ordering.
    return list(counted.filter(product_count__gt=0).order_by("position", "pk"))


def offers(product: Product) -> list[Offer]:
    """Return the product's variants with their free units."""
    variants = list(product.variants.all())
    free = free_by_sku([variant.sku for variant in variants])
    return [Offer(variant, free.get(variant.sku, 0)) for variant in variants]


def related_to(product: Product) -> list[Card]:
    """Return the goods that staff recommend beside a product, in their order.

    Of a product without any, others of its category.
    """
    recommended = Product.objects.on_sale().filter(
        pk__in=RelatedProduct.objects.filter(product=product).values("goods")
    )
    order = RelatedProduct.objects.filter(product=product, goods=OuterRef("pk"))
    found = list(
        recommended.annotate(place=Subquery(order.values("position")[:1]))
        .order_by("place", "pk")
        .for_cards()[:MOST_RELATED]
    )
    if not found:
        others = Product.objects.on_sale().filter(category=product.category_id)
        ordered = others.exclude(pk=product.pk).sorted_by(Sort.RECOMMENDED)
        found = list(ordered.for_cards()[:MOST_RELATED])
    return cards_of(found)


def pictures(product: Product) -> list[Picture]:
    return list(product.pictures.all())


def moved_product(slug: str) -> Product | None:
    """Return the product on sale that had this address before."""
    former = FormerAddress.objects.filter(slug=slug, product=OuterRef("pk"))
    return Product.objects.on_sale().filter(Exists(former)).first()


def moved_category(slug: str) -> Category | None:
    """Return the category that had this address before."""
    return Category.objects.filter(former_addresses__slug=slug).first()


class _Priced(NamedTuple):
    """A variant as a card needs it; the first of some is the cheapest."""

    price: int
    regular: int
    currency: str
    sku: str


def cards_of(products: list[Product]) -> list[Card]:
    """Return the cards of products that were read ``for_cards``. Two queries."""
    if not products:
        return []
    language = get_language() or "en"
    by_product: defaultdict[int, list[_Priced]] = defaultdict(list)
    # Rows, not models: a card needs four columns of each variant.
    rows = Variant.objects.active().filter(product__in=[p.pk for p in products])
    columns = rows.values_list(
        "product_id", PriceNow(), "price_minor", "currency", "sku"
    )
    for product_id, *priced in columns:
        by_product[product_id].append(_Priced(*priced))
    free = free_by_sku([each.sku for found in by_product.values() for each in found])
    # A variant may have gone off sale between the two queries.
    return [
        _card(product, by_product[product.pk], free, language)
        for product in products
        if product.pk in by_product
    ]


def _card(
    product: Product,
    variants: list[_Priced],
    free: Mapping[str, int],
    language: str,
) -> Card:
    cheapest = min(variants)
    before = Money(cheapest.regular, cheapest.currency).format(language)
    return Card(
        slug=product.slug,
        url=product.get_absolute_url(),
        picture=product.cover.shown if product.cover else None,
        name=in_language(product, "name", language),
        category=in_language(product.category, "name", language),
        programme=in_language(product, "programme", language),
        is_new=product.is_new,
        price=Money(cheapest.price, cheapest.currency).format(language),
        price_before=before if cheapest.price < cheapest.regular else "",
        has_dearer=any(each.price > cheapest.price for each in variants),
        free=sum(max(free.get(each.sku, 0), 0) for each in variants),
        is_preorder=product.preorder_date is not None,
    )
