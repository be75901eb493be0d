"""The countries to which the shop delivers, as of now."""

from checkout.shipping.table import read_table
from checkout.shipping.terms import Terms
from shop.countries import JAPAN, country_name


def delivery_countries() -> list[tuple[str, str]]:
    """Return codes and names, Japan first; [] if the shop delivers to Japan only."""
    table, _now = read_table()
    if not table.countries:
        return []
    named = sorted((country_name(code), code) for code in table.countries)
    return [(JAPAN, country_name(JAPAN)), *((code, name) for name, code in named)]


def terms_of(country: str) -> Terms:
    """Return how goods are priced in a country beside Japan.

    Orders that were sent there ask, too: it counts if it is not offered any more.
    """
    table, _now = read_table()
    return table.terms.get(country, Terms())
