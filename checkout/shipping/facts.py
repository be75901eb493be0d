"""Fees, delivery times and pick-up places, for the pages that staff write."""

from collections.abc import Iterable, Mapping

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from checkout.shipping.countries import delivery_countries
from checkout.shipping.models import ShippingMethod
from checkout.shipping.offers import kilograms, serves_japan
from checkout.shipping.prefectures import Prefecture
from checkout.shipping.promise import Calendar, Transit
from checkout.shipping.table import Method, Rate, ShippingTable, read_table
from checkout.shipping.usual import free_shipping_from
from shop.catalogue.models import shop_currency
from shop.countries import JAPAN, country_name
from shop.formatting import time_of_day
from shop.money import Money
from shop.pages.facts import Reader, Table


def _rates() -> Table:
    table, _now = read_table()
    rows = tuple(
        (method.name, _area(method, rate, table), _price(method, rate))
        for method in table.methods
        for rate in method.rates
        if _is_served(rate.zone, table)
    )
    return Table((_("Shipping method"), _("Area"), _("Shipping fee")), rows)


def _times() -> Table:
    """Return how long each method takes from the day on which the parcel leaves."""
    table, _now = read_table()
    rows = []
    for method in table.methods:
        if method.is_pickup:
            continue
        zones = [zone for zone in method.transits if _is_served(zone, table)]
        usual = _days(method.transit)
        if serves_japan(method, table):
            rows.append((method.name, _others(zones, table), usual))
        else:
            rows += [
                (method.name, _inside(zone, table), usual)
                for zone in dict.fromkeys(rate.zone for rate in method.rates)
                if zone not in method.transits and _is_served(zone, table)
            ]
        rows += [
            (method.name, _inside(zone, table), _days(method.transits[zone]))
            for zone in zones
        ]
    return Table((_("Shipping method"), _("Area"), _("Delivery time")), tuple(rows))


def _dispatch() -> str:
    table, _now = read_table()
    return _handing_over(table.calendar)


def _free_from() -> str:
    least = free_shipping_from()
    return least.format(get_language() or "en") if least else ""


def _free_sentence() -> str:
    least = _free_from()
    if not least:
        return ""
    if delivery_countries():
        text = _("Orders of %(amount)s or more ship free within Japan.")
    else:
        text = _("Orders of %(amount)s or more ship free.")
    return text % {"amount": least}


def _delivery_area() -> str:
    countries = delivery_countries()
    abroad = [name for code, name in countries if code != JAPAN]
    if not abroad:
        return _("We deliver within Japan.")
    if len(abroad) < len(countries):
        text = _(
            "We deliver within Japan and to: %(countries)s. Import duties and taxes of "
            "other countries are not included. If any are due, the recipient pays them."
        )
    else:
        text = _(
            "We deliver to: %(countries)s. Import duties and taxes of these countries "
            "are not included. If any are due, the recipient pays them."
        )
    sentences = [text % {"countries": _(", ").join(abroad)}]
    table, _now = read_table()
    for code in sorted(table.countries):
        tax = table.terms[code].tax
        if tax:
            text = _("%(country)s: %(tax)s is included.")
            names = {"country": country_name(code), "tax": tax.name}
            sentences.append(text % names)
    return " ".join(sentences)


def _places() -> Table:
    table, _now = read_table()
    language = (get_language() or "en")[:2]
    rows = tuple(
        tuple(
            texts.get(language) or texts["en"]
            for texts in (place.names, place.addresses, place.hours)
        )
        for method in table.methods
        for place in method.places
    )
    return Table((_("Place"), _("Address"), _("Hours")), rows)


def _handing_over(calendar: Calendar) -> str:
    time = time_of_day(calendar.cut_off)
    if not calendar.handling_days:
        return _("Orders placed by %(time)s on a working day ship the same day.") % {
            "time": time
        }
    text = ngettext(
        "Orders placed by %(time)s on a working day ship on the next working day.",
        "Orders placed by %(time)s on a working day ship within %(days)s working days.",
        calendar.handling_days,
    )
    return text % {"time": time, "days": calendar.handling_days}


def _area(method: Method, rate: Rate, table: ShippingTable) -> str:
    if method.is_pickup:
        return "–"  # noqa: RUF001
    if rate.zone is not None:
        return _inside(rate.zone, table)
    return _others([other.zone for other in method.rates], table)


def _others(zones: Iterable[int | None], table: ShippingTable) -> str:
    """Return what is left in Japan beside the zones that are named."""
    if table.domestic.isdisjoint(zone for zone in zones if zone is not None):
        return _("All of Japan")
    return _("Other areas of Japan") if table.countries else _("Other areas")


def _is_served(zone: int | None, table: ShippingTable) -> bool:
    """Return whether customers can have something sent there."""
    return zone is None or bool(_inside(zone, table))


def _inside(zone: int | None, table: ShippingTable) -> str:
    """Return the places of a zone: its own name is written for staff."""
    inside = [name for name, its in table.zones.items() if its == zone]
    order = list(Prefecture.values)
    labels = [str(Prefecture(name).label) for name in sorted(inside, key=order.index)]
    countries = [each.code for each in table.countries.values() if each.zone == zone]
    return _(", ").join([*labels, *sorted(map(country_name, countries))])


def _price(method: Method, rate: Rate) -> str:
    price = _money(rate.minor) if rate.minor else _("Free")
    if rate.up_to is None:
        return price
    by_weight = method.basis == ShippingMethod.Basis.WEIGHT
    limit = kilograms(rate.up_to) if by_weight else _money(rate.up_to)
    return _("%(price)s (up to %(limit)s)") % {"price": price, "limit": limit}


def _days(transit: Transit) -> str:
    if transit.at_least == transit.at_most:
        text = ngettext(
            "%(days)s day after shipping",
            "%(days)s days after shipping",
            transit.at_most,
        )
        return text % {"days": transit.at_most}
    days = {"least": transit.at_least, "most": transit.at_most}
    return _("%(least)s to %(most)s days after shipping") % days


def _money(minor: int) -> str:
    return Money(minor, shop_currency()).format(get_language() or "en")


READERS: Mapping[str, Reader] = {
    "shipping_rates": _rates,
    "delivery_times": _times,
    "dispatch": _dispatch,
    "free_shipping_from": _free_from,
    "free_shipping": _free_sentence,
    "delivery_area": _delivery_area,
    "pickup_places": _places,
}
