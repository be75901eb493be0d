"""Products of one page and what a query asks of them: each read once for all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from shop.catalogue.models import Picture, Product, Variant
from shop.catalogue.models.variant import VariantQuerySet
from shop.catalogue.stock import free_by_sku
from shop.money import Money


class Shelf:
    """What belongs to some products. Nothing is read until a field asks for it."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._products = {product.pk: product for product in products}

    def variants(self, product: Product) -> list[Variant]:
        """Return the product's variants on sale, with the price of now."""
        return self._variants[product.pk]

    def whole(self, variant: Variant) -> Variant:
        """Return the variant with its options and picture."""
        return self._whole.get(variant.pk, variant)

    def pictures(self, product: Product) -> list[Picture]:
        return self._pictures[product.pk]

    def free(self, sku: str) -> int:
        """Return the units that can be bought now."""
        return max(0, self._free.get(sku, 0))

    def description(self, product: Product) -> tuple[str, str]:
        """Return the description in English and in Japanese."""
        return self._descriptions.get(product.pk, ("", ""))

    def cheapest(self, product: Product) -> Variant:
        """Return the variant with the lowest price of now."""
        return min(self.variants(product), key=lambda each: each.price.minor)

    def has_dearer(self, product: Product) -> bool:
        prices: set[int] = {each.price.minor for each in self.variants(product)}
        return len(prices) > 1

    def price_before(self, product: Product) -> Money | None:
        return self.cheapest(product).price_before

    @cached_property
    def _variants(self) -> Mapping[int, list[Variant]]:
        found = self._read(Variant.objects.active(), list(self._products))
        # A product whose last variant has just gone off sale keeps its price here.
        gone = [key for key in self._products if key not in found]
        return found | self._read(Variant.objects.all(), gone) if gone else found

    def _read(
        self, variants: VariantQuerySet, products: list[int]
    ) -> dict[int, list[Variant]]:
        found: defaultdict[int, list[Variant]] = defaultdict(list)
        for variant in variants.priced().filter(product__in=products):
            # Its name reads the product's, which is here already.
            variant.product = self._products[variant.product_id]
            found[variant.product_id].append(variant)
        return dict(found)

    @cached_property
    def _whole(self) -> Mapping[int, Variant]:
        # Apart from the prices, which most queries ask for alone: seven tables more.
        rows = Variant.objects.with_options()
        return rows.in_bulk([each.pk for each in _all(self._variants.values())])

    @cached_property
    def _free(self) -> Mapping[str, int]:
        return free_by_sku(each.sku for each in _all(self._variants.values()))

    @cached_property
    def _pictures(self) -> Mapping[int, list[Picture]]:
        found: defaultdict[int, list[Picture]] = defaultdict(list)
        for picture in Picture.objects.filter(product__in=list(self._products)):
            found[picture.product_id].append(picture)
        return found

    @cached_property
    def _descriptions(self) -> Mapping[int, tuple[str, str]]:
        rows = Product.objects.filter(pk__in=list(self._products))
        columns = rows.values_list("pk", "description_en", "description_ja")
        return {pk: (english, japanese) for pk, english, japanese in columns}


def _all(groups: Iterable[list[Variant]]) -> Iterable[Variant]:
    return (each for group in groups for each in group)
