"""The consumption tax that a price contains, by rate."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from shop.money import Money, included_tax

SHIPPING_TAX_RATE = 10


@dataclass(frozen=True)
class TaxLine:
    """The consumption tax contained in all amounts of one rate (percent)."""

    rate: int
    gross: Money
    tax: Money


def taxes(goods: Iterable[tuple[int, Money]], shipping: Money) -> tuple[TaxLine, ...]:
    """Return the tax in ``goods`` (rate, amount) and in the shipping, highest first."""
    gross: dict[int, int] = defaultdict(int)
    for rate, amount in goods:
        gross[rate] += amount.minor
    if shipping:
        gross[SHIPPING_TAX_RATE] += shipping.minor
    parts = {rate: Money(minor, shipping.currency) for rate, minor in gross.items()}
    return tuple(
        TaxLine(rate, parts[rate], Money(included_tax(minor, rate), shipping.currency))
        for rate, minor in sorted(gross.items(), reverse=True)
    )
