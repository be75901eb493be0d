"""The countries to which the shop delivers, as of now."""

from checkout.shipping.table import read_table
from shop.countries import JAPAN, country_name


def delivery_countries() -> list[tuple[str, str]]:
    """Return codes and names, Japan first; [] if the shop delivers to Japan only."""
    table, _now = read_table()
    if not table.countries:
        return []
    named = sorted((country_name(code), code) for code in table.countries)
    return [(JAPAN, country_name(JAPAN)), *((code, name) for name, code in named)]


def has_net_prices(country: str) -> bool:
    """Return whether prices for this country are without Japanese tax.

    Orders that were sent there ask, too: it counts if it is not offered any more.
    """
    if country == JAPAN:
        return False
    table, _now = read_table()
    return country not in table.same_prices
