"""Read what is in bundles, with the prices of now."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from shop.catalogue.models import BundlePart, PriceNow, Product, Variant
from shop.money import Money


@dataclass(frozen=True)
class Part:
    """So many units of a variant, which has its price of now."""

    variant: Variant
    quantity: int

    @property
    def total(self) -> Money:
        return self.variant.price * self.quantity


@dataclass(frozen=True)
class Bundle:
    """A bundle on sale: its variant with the price of now, and its parts."""

    variant: Variant
    parts: tuple[Part, ...]

    @property
    def apart(self) -> Money:
        """Return what its parts cost one by one."""
        first, *others = self.parts
        return sum((part.total for part in others), start=first.total)

    @property
    def saving(self) -> Money | None:
        """Return what it costs less than its parts; None: nothing."""
        price = self.variant.price
        return self.apart - price if price < self.apart else None


def has_parts(to_product: str = "pk") -> Exists:
    """Return the condition that a product is a bundle.

    ``to_product`` is the field of the queried model that names the product.
    """
    return Exists(BundlePart.objects.filter(bundle=OuterRef(to_product)))


def bundle_of(product: Product) -> Bundle | None:
    """Return the product as a bundle; None: it has no parts, or no variant on sale."""
    return next(iter(_read(Variant.objects.filter(product=product))), None)


def bundles_with(skus: Iterable[str]) -> list[Bundle]:
    """Return the bundles on sale that have any of these SKUs in them."""
    rows = Variant.objects.on_sale()
    return _read(rows.filter(product__parts__variant__sku__in=list(skus)))


def _read(rows: QuerySet[Variant]) -> list[Bundle]:
    """Return the bundles among these variants. Two statements more than theirs."""
    parts = BundlePart.objects.prefetch_related(
        Prefetch("variant", Variant.objects.priced().select_related("product"))
    )
    found = (
        rows.filter(product__parts__isnull=False, is_active=True)
        .distinct()
        .annotate(price_now=PriceNow())
        .select_related("product")
        .prefetch_related(Prefetch("product__parts", parts))
        .order_by("pk")
    )
    return [
        Bundle(
            variant,
            tuple(
                Part(each.variant, each.quantity)
                for each in variant.product.parts.all()
            ),
        )
        for variant in found
    ]
