"""The tax that a price contains, by rate: Japan's, or that of another country."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from checkout.shipping.terms import CountryTax, Terms
from shop.catalogue.models import Product
from shop.money import Money, included_tax, with_other_tax

SHIPPING_TAX_RATE = 10
# Of what is sent out of Japan: free of consumption tax (輸出免税). No goods of the
# shop have it, so it stands for exports in books and papers, too.
EXPORT_TAX_RATE = 0


@dataclass(frozen=True)
class TaxLine:
    """The tax contained in all amounts of one rate (percent).

    ``of`` is None for Japan's consumption tax.
    """

    rate: int
    gross: Money
    tax: Money
    of: CountryTax | None = None

    @property
    def name(self) -> str:
        """Return what the tax is called, such as VAT; "": Japan's."""
        return self.of.name if self.of else ""

    @property
    def kept(self) -> dict[str, int | str]:
        """Return the line as an order keeps it, in minor units."""
        own = {"rate": self.rate, "gross": self.gross.minor, "tax": self.tax.minor}
        if self.of is None:
            return {**own}
        named = {"name": self.of.name, "number": self.of.number}
        return {**own, "country": self.of.country, **named}


def rate_abroad(terms: Terms, rate: int) -> int:
    """Return at which rate goods are sold abroad that have ``rate`` in Japan."""
    if terms.tax is None:
        return EXPORT_TAX_RATE
    is_reduced = rate == Product.TaxRate.REDUCED
    return terms.tax.reduced if is_reduced else terms.tax.standard


def price_abroad(terms: Terms, price: Money, rate: int) -> Money:
    """Return the price abroad of what costs ``price`` in Japan, at ``rate`` there.

    Either the country's tax takes the place of Japan's, or the price stays the same.
    """
    if not terms.has_net_prices:
        return price
    other = rate_abroad(terms, rate)
    return Money(with_other_tax(price.minor, rate, other), price.currency)


def taxes(
    goods: Iterable[tuple[int, Money]],
    shipping: Money,
    shipping_rate: int = SHIPPING_TAX_RATE,
    of: CountryTax | None = None,
) -> tuple[TaxLine, ...]:
    """Return the tax in ``goods`` (rate, amount) and in the shipping, highest first.

    It is rounded once a rate. ``of``: the country's tax; None: Japan's.
    """
    gross: dict[int, int] = defaultdict(int)
    for rate, amount in goods:
        gross[rate] += amount.minor
    if shipping:
        gross[shipping_rate] += shipping.minor
    parts = {rate: Money(minor, shipping.currency) for rate, minor in gross.items()}
    return tuple(
        TaxLine(
            rate, parts[rate], Money(included_tax(minor, rate), shipping.currency), of
        )
        for rate, minor in sorted(gross.items(), reverse=True)
    )
