"""Which bundles a cart has in it, and what each takes off its parts. Plain arithmetic.

A cart holds the parts of a bundle as goods of their own. The difference to the price of
the bundle is divided among them: by tax rate first, so each rate is rounded once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checkout.cart.lines import QuoteLine
from checkout.promotions.rules import Item, spread
from shop.catalogue.bundles import Bundle, bundles_with


@dataclass(frozen=True)
class GivenBundle:
    """``times`` bundles are in the cart. ``off``: line -> minor units less."""

    name: str
    product: int
    times: int
    off: Mapping[int, int]


def bundles_in(lines: Sequence[QuoteLine]) -> tuple[GivenBundle, ...]:
    """Return the bundles of which all parts are in the cart.

    Of several that share parts, those that save the most come first. A cart without any
    part of a bundle costs no statement.
    """
    skus = [line.sku for line in lines if line.is_part]
    if not skus:
        return ()
    left = {line.sku: line.quantity for line in lines}
    saving = [(one.saving, one) for one in bundles_with(skus)]
    found = sorted(
        ((saved.minor, one) for saved, one in saving if saved is not None),
        key=lambda each: (-each[0], each[1].variant.pk),
    )
    by_sku = {line.sku: line for line in lines}
    given = []
    for saved, bundle in found:
        times = min(
            left.get(part.variant.sku, 0) // part.quantity for part in bundle.parts
        )
        if times:
            for part in bundle.parts:
                left[part.variant.sku] -= times * part.quantity
            given.append(_give(bundle, times, saved * times, by_sku))
    return tuple(given)


def _give(
    bundle: Bundle, times: int, saved: int, by_sku: Mapping[str, QuoteLine]
) -> GivenBundle:
    items, listed = [], 0
    for part in bundle.parts:
        line = by_sku[part.variant.sku]
        # The price that the line has, so that nothing goes below it.
        amount = line.unit.minor * part.quantity * times
        items.append(Item(line.id, line.product, line.category, line.tax_rate, amount))
        listed += line.listed.minor * part.quantity * times
    weights = {item.id: item.amount for item in items}
    # Where no tax is paid the prices are lower, and so is what the bundle saves.
    saved = saved * sum(weights.values()) // listed if listed else saved
    off = spread(min(saved, sum(weights.values())), items, weights)
    product = bundle.variant.product
    return GivenBundle(product.name, product.pk, times, off)
