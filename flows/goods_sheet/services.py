"""Write all goods as a sheet, and take a sheet over: all of its lines, or none."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from flows.goods_sheet.changes import Change
from inventory.receiving import receive_new
from inventory.selectors import free_by_sku
from shop.catalogue.models import Product, Variant
from shop.catalogue.price_history import record_prices
from shop.catalogue.services import index_product
from shop.money import Money
from shop.text.spreadsheet import Cell


def rows() -> Iterator[Sequence[Cell]]:
    """Yield all variants in the order of the shop, as the sheet has them."""
    variants = list(
        Variant.objects.select_related("product__category").order_by(
            "product__position", "product_id", "position", "pk"
        )
    )
    free = free_by_sku([variant.sku for variant in variants])
    for variant in variants:
        product, sale = variant.product, variant.sale_minor
        yield (
            variant.sku,
            product.slug,
            product.category.slug,
            product.name_en,
            product.name_ja,
            variant.label_en,
            variant.label_ja,
            variant.regular_price.number,
            "" if sale is None else Money(sale, variant.currency).number,
            _time(variant.sale_from),
            _time(variant.sale_until),
            variant.weight_grams,
            "yes" if variant.is_active else "no",
            free.get(variant.sku, 0),
            "",
        )


@transaction.atomic
def take_over(changes: Sequence[Change], reference: str, actor: str) -> int:
    """Save all changes. Return how many variants were changed.

    ``reference`` names the sheet: what it received is booked once. None of the changes
    has errors. Raises what the database refuses, and then changes nothing.
    """
    touched: dict[int, Product] = {}
    for change in changes:
        product = change.variant.product
        if not product.pk:
            product.save()
        change.variant.product = product
        fields = None if change.is_new else sorted(change.fields)
        change.variant.save(update_fields=fields)
        touched[product.pk] = product
        if change.received:
            receive_new(
                change.variant.sku, change.received, reference, "CSV", actor=actor
            )
    for product in touched.values():
        index_product(product.pk)
        record_prices(product, actor)
    return len(changes)


def _time(when: datetime | None) -> str:
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M}" if when else ""
