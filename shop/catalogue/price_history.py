"""The history of prices, and what the law on double prices asks of it.

A price that is shown struck through must be one that was really asked. The guidelines
of Japan's Consumer Affairs Agency take that for granted if it was asked for more than
half of the eight weeks before the sale (or of the time for which the goods are sold,
if that is shorter), and for two weeks at least.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shop.catalogue.models import PriceChange, Product, Variant, terms_of

_LOOK_BACK = timedelta(weeks=8)
_LEAST = timedelta(weeks=2)


def record_prices(product: Product, actor: str) -> int:
    """Store the prices of all variants that differ from the stored ones.

    Call it after a change of variants, in the same transaction. Return how many
    changes. Twice is once.
    """
    stored = {row.sku: row.terms for row in _changes(product)}
    changed = [
        PriceChange(
            product=product,
            sku=variant.sku,
            price_minor=variant.price_minor,
            sale_minor=variant.sale_minor,
            sale_from=variant.sale_from,
            sale_until=variant.sale_until,
            currency=variant.currency,
            actor=actor,
        )
        for variant in Variant.objects.filter(product=product)
        if stored.get(variant.sku) != terms_of(variant)
    ]
    return len(PriceChange.objects.bulk_create(changed))


def hardly_asked(product: Product, now: datetime) -> list[Variant]:
    """Return the variants of whose sale the law may say that its price was invented.

    Sales that are over are left out.
    """
    changes = _changes(product)
    rows = Variant.objects.filter(product=product, sale_minor__isnull=False)
    return [
        variant
        for variant in rows.select_related("product")
        if (variant.sale_until is None or now < variant.sale_until)
        and not _was_asked(
            variant,
            [row for row in changes if row.sku == variant.sku],
            variant.sale_from or now,
        )
    ]


def _changes(product: Product) -> list[PriceChange]:
    return list(PriceChange.objects.filter(product=product).order_by("pk"))


def _was_asked(variant: Variant, changes: Sequence[PriceChange], at: datetime) -> bool:
    """Return whether the regular price was asked for long enough before ``at``."""
    start = max(at - _LOOK_BACK, variant.product.released_at)
    asked = timedelta()
    for number, row in enumerate(changes):
        # What was asked before the history began is taken to be the same.
        begins = max(start, row.changed_at) if number else start
        following = changes[number + 1 :]
        ends = min(at, following[0].changed_at) if following else at
        if row.price_minor == variant.price_minor and begins < ends:
            asked += ends - begins - _on_sale(row, begins, ends)
    return asked >= _LEAST and asked * 2 > at - start


def _on_sale(row: PriceChange, begins: datetime, ends: datetime) -> timedelta:
    """Return for how much of the time between the two the row had a sale."""
    if row.sale_minor is None:
        return timedelta()
    first = max(begins, row.sale_from or begins)
    last = min(ends, row.sale_until or ends)
    return max(last - first, timedelta())
