"""Goods, as the catalogue's pages show them."""

import enum

import strawberry
from django.utils.translation import get_language
from strawberry.relay import PageInfo

from api.shelf import Shelf
from api.types.money import MinorUnits, Money, money_of, money_or_none
from shop.catalogue import models
from shop.catalogue.models.product import ProductQuerySet


@strawberry.enum(description="The orders in which a list can be shown.")
class ProductSort(enum.Enum):
    RECOMMENDED = models.Sort.RECOMMENDED.value
    NEWEST = models.Sort.NEWEST.value
    CHEAPEST = models.Sort.CHEAPEST.value
    DEAREST = models.Sort.DEAREST.value
    NAME = models.Sort.NAME.value


@strawberry.input(description="Which products a list shows; all conditions hold.")
class ProductFilter:
    category: str | None = strawberry.field(
        default=None, description="The slug of a category."
    )
    in_stock: bool | None = strawberry.field(
        default=None, description="True: a unit of some variant can be bought now."
    )
    price_from: MinorUnits | None = strawberry.field(
        default=None, description="The cheapest variant costs at least this now."
    )
    price_until: MinorUnits | None = strawberry.field(
        default=None, description="The cheapest variant costs at most this now."
    )


@strawberry.type
class Picture:
    src: str = strawberry.field(description="Address of a file of middle size.")
    srcset: str = strawberry.field(description="All sizes, as `img` takes them.")
    thumbnail: str
    width: int = strawberry.field(description="Of the largest file, in pixels.")
    height: int
    alt: str


def picture_of(row: models.Picture) -> Picture:
    shown = row.shown
    return Picture(
        src=shown.src,
        srcset=shown.srcset,
        thumbnail=shown.thumbnail,
        width=shown.width,
        height=shown.height,
        alt=row.alt,
    )


@strawberry.type
class Category:
    slug: str
    name: str


def category_of(row: models.Category) -> Category:
    return Category(slug=row.slug, name=row.name)


@strawberry.type(description="Such as the size S.")
class ChosenOption:
    option: str
    value: str


@strawberry.type(description="A size or colour: what is put into a cart.")
class Variant:
    row: strawberry.Private[models.Variant]
    shelf: strawberry.Private[Shelf]

    @strawberry.field
    def sku(self) -> str:
        return self.row.sku

    @strawberry.field(description="Product and label as one name.")
    def name(self) -> str:
        return self.row.name

    @strawberry.field(description='"" if the product has one variant only.')
    def label(self) -> str:
        return self.row.label

    @strawberry.field
    def options(self) -> list[ChosenOption]:
        return [
            ChosenOption(option=each.option.name, value=each.name)
            for each in self.shelf.whole(self.row).values
        ]

    @strawberry.field(description="The price that counts now.")
    def price(self) -> Money:
        return money_of(self.row.price)

    @strawberry.field(description="The regular price while there is a sale.")
    def price_before(self) -> Money | None:
        return money_or_none(self.row.price_before)

    @strawberry.field(description="Units that can be bought now.")
    def free(self) -> int:
        return self.shelf.free(self.row.sku)

    @strawberry.field(description="Null: the product's first.")
    def picture(self) -> Picture | None:
        found = self.shelf.whole(self.row).picture if self.row.picture_id else None
        return picture_of(found) if found else None


@strawberry.type
class Product:
    row: strawberry.Private[models.Product]
    shelf: strawberry.Private[Shelf]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(str(self.row.pk))

    @strawberry.field(description="Names the product in addresses.")
    def slug(self) -> str:
        return self.row.slug

    @strawberry.field(description="The page of the product in the shop itself.")
    def url(self) -> str:
        return self.row.get_absolute_url()

    @strawberry.field
    def name(self) -> str:
        return self.row.name

    @strawberry.field
    def description(self) -> str:
        english, japanese = self.shelf.description(self.row)
        wanted = japanese if (get_language() or "en")[:2] == "ja" else english
        return wanted or english

    @strawberry.field(description="The radio programme it belongs to, or empty.")
    def programme(self) -> str:
        return self.row.programme

    @strawberry.field
    def category(self) -> Category:
        return category_of(self.row.category)

    @strawberry.field(description="Consumption tax in percent; prices contain it.")
    def tax_rate(self) -> int:
        return self.row.tax_rate

    @strawberry.field
    def is_new(self) -> bool:
        return self.row.is_new

    @strawberry.field(description="How many one order may have, of all variants.")
    def order_limit(self) -> int:
        return self.row.order_limit

    @strawberry.field
    def cover(self) -> Picture | None:
        return picture_of(self.row.cover) if self.row.cover else None

    @strawberry.field
    def pictures(self) -> list[Picture]:
        return [picture_of(each) for each in self.shelf.pictures(self.row)]

    @strawberry.field(description="Those on sale, in the shop's order.")
    def variants(self) -> list[Variant]:
        rows = self.shelf.variants(self.row)
        return [Variant(row=each, shelf=self.shelf) for each in rows]

    @strawberry.field(description="Of the cheapest variant, now.")
    def price(self) -> Money:
        return money_of(self.shelf.cheapest(self.row).price)

    @strawberry.field(description="What that variant costs when there is no sale.")
    def price_before(self) -> Money | None:
        return money_or_none(self.shelf.price_before(self.row))

    @strawberry.field(description="Whether another variant costs more.")
    def has_dearer(self) -> bool:
        return self.shelf.has_dearer(self.row)

    @strawberry.field(description="Units of all variants that can be bought now.")
    def free(self) -> int:
        found = self.shelf.variants(self.row)
        return sum(self.shelf.free(each.sku) for each in found)


@strawberry.type
class ProductEdge:
    cursor: str
    node: Product


@strawberry.type
class ProductConnection:
    rows: strawberry.Private[ProductQuerySet]
    edges: list[ProductEdge]
    page_info: PageInfo

    @strawberry.field(description="The nodes of the edges.")
    def nodes(self) -> list[Product]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="Of all pages; costs a statement.")
    def total_count(self) -> int:
        return self.rows.count()
