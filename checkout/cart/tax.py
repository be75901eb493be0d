"""The consumption tax that a price contains, by rate."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from shop.money import Money, included_tax

SHIPPING_TAX_RATE = 10
# Of what is sent out of Japan: free of consumption tax (輸出免税). No goods of the
# shop have it, so it stands for exports in books and papers, too.
EXPORT_TAX_RATE = 0


@dataclass(frozen=True)
class TaxLine:
    """The consumption tax contained in all amounts of one rate (percent)."""

    rate: int
    gross: Money
    tax: Money


def taxes(
    goods: Iterable[tuple[int, Money]],
    shipping: Money,
    shipping_rate: int = SHIPPING_TAX_RATE,
) -> tuple[TaxLine, ...]:
    """Return the tax in ``goods`` (rate, amount) and in the shipping, highest first."""
    gross: dict[int, int] = defaultdict(int)
    for rate, amount in goods:
        gross[rate] += amount.minor
    if shipping:
        gross[shipping_rate] += shipping.minor
    parts = {rate: Money(minor, shipping.currency) for rate, minor in gross.items()}
    return tuple(
        TaxLine(rate, parts[rate], Money(included_tax(minor, rate), shipping.currency))
        for rate, minor in sorted(gross.items(), reverse=True)
    )
