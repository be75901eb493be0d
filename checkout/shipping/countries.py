"""The countries to which the shop delivers, as of now."""

from checkout.shipping.offers import serves_japan
from checkout.shipping.table import read_table
from checkout.shipping.terms import Terms
from shop.countries import JAPAN, country_name


def delivery_countries() -> list[tuple[str, str]]:
    """Return codes and names, Japan first; [] if the shop delivers to Japan only.

    Japan is none of them if every method is for other countries.
    """
    table, _now = read_table()
    if not table.countries:
        return []
    named = sorted((country_name(code), code) for code in table.countries)
    has_japan = any(serves_japan(method, table) for method in table.methods)
    japan = [(JAPAN, country_name(JAPAN))] if has_japan else []
    return [*japan, *((code, name) for name, code in named)]


def usual_country() -> str:
    """Return where a cart is sent whose customer has chosen no country yet."""
    return next((code for code, _name in delivery_countries()), JAPAN)


def terms_of(country: str) -> Terms:
    """Return how goods are priced in a country beside Japan.

    Orders that were sent there ask, too: it counts if it is not offered any more.
    """
    table, _now = read_table()
    return table.terms.get(country, Terms())
