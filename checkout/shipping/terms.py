"""How goods are priced in a country beside Japan, as staff entered it."""

from dataclasses import dataclass

from checkout.shipping.models import DeliveryCountry


@dataclass(frozen=True)
class CountryTax:
    """A tax of another country that the shop collects. Rates are percent.

    ``up_to``: the value of goods up to which it is collected, without tax, in minor
    units; None: always. ``number``: the shop's own, for receipts, or "".
    """

    country: str
    name: str
    standard: int
    reduced: int
    up_to: int | None
    number: str


@dataclass(frozen=True)
class Terms:
    """How goods are priced in a country. ``tax`` is None where none is collected."""

    has_net_prices: bool = True
    tax: CountryTax | None = None


def terms_in(row: DeliveryCountry) -> Terms:
    """Return what a row says."""
    tax = None
    if row.standard_rate is not None and row.reduced_rate is not None:
        rates = (row.standard_rate, row.reduced_rate)
        of_tax = (row.tax_up_to_minor, row.tax_number)
        tax = CountryTax(row.code, row.tax_name, *rates, *of_tax)
    return Terms(row.prices == row.Prices.NET, tax)
