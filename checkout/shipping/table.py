"""All that staff entered about shipping, read once for each version of the shop window.

Every table read here has ``InShopWindow``: its changes change the version, so what is
kept under a version is what the database holds (docs/adr/0038).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from django.utils.translation import get_language

from checkout.shipping.models import (
    DeliveryCountry,
    PickupPlace,
    ShippingMethod,
    ShippingRate,
    SpecialDay,
    UnservedPrefecture,
    WorkingCalendar,
    ZonePrefecture,
    ZoneTransit,
)
from checkout.shipping.promise import Calendar, Transit
from checkout.shipping.terms import Terms, terms_in
from shop.catalogue.window import read_moment

_T = TypeVar("_T")


@dataclass(frozen=True)
class Rate:
    """A price in minor units, up to a limit in grams or minor units (None: any)."""

    zone: int | None
    up_to: int | None
    minor: int


@dataclass(frozen=True)
class Place:
    """A place at which orders are picked up; its texts by language."""

    id: int
    names: dict[str, str]
    addresses: dict[str, str]
    hours: dict[str, str]


@dataclass(frozen=True)
class Method:
    """A shipping method. ``id`` is None if staff have entered none at all.

    ``transits`` are those of the zones that differ from ``transit``. ``places`` are
    those of a pick-up that customers can choose. ``varies``: it takes longer to some
    zones of Japan.
    """

    id: int | None
    names: dict[str, str]
    carrier: str
    basis: str
    free_from: int | None
    most_grams: int | None
    rates: tuple[Rate, ...]
    transit: Transit
    days_to_choose: int = 0
    transits: dict[int, Transit] = field(default_factory=dict)
    unserved: frozenset[str] = frozenset()
    is_pickup: bool = False
    places: tuple[Place, ...] = ()
    varies: bool = False

    @property
    def name(self) -> str:
        """Return its name in the active language."""
        return in_language(self.names)


@dataclass(frozen=True)
class Country:
    """A country beside Japan."""

    code: str
    zone: int


@dataclass(frozen=True)
class ShippingTable:
    """The methods that customers can choose, in their order; prefecture -> zone.

    ``countries``: code -> those beside Japan to which some method delivers.
    ``domestic``: the zones that have prefectures. ``terms``: code -> how goods are
    priced there, also of countries that are not offered any more.
    """

    methods: tuple[Method, ...]
    calendar: Calendar
    zones: dict[str, int] = field(default_factory=dict)
    countries: dict[str, Country] = field(default_factory=dict)
    domestic: frozenset[int] = frozenset()
    terms: dict[str, Terms] = field(default_factory=dict)


# What a shop asks whose staff have entered no method yet.
STANDARD_NAMES = {"en": "Standard delivery", "ja": "通常配送"}
STANDARD_RATE = 600


def in_language(texts: dict[str, str]) -> str:
    """Return the text in the active language, or in English."""
    return texts.get((get_language() or "en")[:2]) or texts["en"]


class _Kept:
    """The table of the newest version that this process has read."""

    def __init__(self) -> None:
        self.latest: tuple[int, ShippingTable] | None = None


_kept = _Kept()


def read_table() -> tuple[ShippingTable, datetime]:
    """Return what is committed now, and the database's time.

    Costs one query while nothing changes.
    """
    version, now = read_moment()
    latest = _kept.latest
    if version is not None and latest is not None and latest[0] == version:
        return latest[1], now
    table = _read()
    if version is not None:
        _kept.latest = (version, table)
    return table, now


def _read() -> ShippingTable:
    rates = _grouped(
        (row.method_id, Rate(row.zone_id, row.up_to, row.rate_minor))
        for row in ShippingRate.objects.order_by("pk")
    )
    unserved = _grouped(
        UnservedPrefecture.objects.values_list("method_id", "prefecture")
    )
    transits = _grouped(
        (row.method_id, (row.zone_id, Transit(row.days_from, row.days_to)))
        for row in ZoneTransit.objects.all()
    )
    places = _grouped(
        (row.method_id, _place(row))
        for row in PickupPlace.objects.filter(is_active=True)
    )
    rows = list(ShippingMethod.objects.all())
    methods = tuple(
        replace(
            _method(row, rates[row.pk], dict(transits[row.pk]), unserved[row.pk]),
            places=tuple(places[row.pk]),
        )
        for row in rows
        if row.is_active
    )
    zones = dict(ZonePrefecture.objects.values_list("prefecture", "zone_id"))
    foreign = list(DeliveryCountry.objects.all())
    domestic = frozenset(zones.values())
    abroad = {row.zone_id for row in foreign} - domestic
    methods = tuple(_reaching(one, abroad, domestic) for one in methods)
    known = methods if rows else (_standard(),)
    return ShippingTable(
        methods=tuple(replace(one, varies=_varies(one, domestic)) for one in known),
        calendar=_calendar(),
        zones=zones,
        countries=_served(foreign, methods),
        domestic=domestic,
        terms={row.code: terms_in(row) for row in foreign},
    )


def _reaching(
    method: Method, abroad: Collection[int], domestic: Collection[int]
) -> Method:
    """Return the method without its prices for zones abroad that it names no days for.

    The days of a method that delivers in Japan are those of Japan: nobody abroad may be
    promised them.
    """
    if not any(rate.zone is None or rate.zone in domestic for rate in method.rates):
        return method
    known = tuple(
        rate
        for rate in method.rates
        if rate.zone not in abroad or rate.zone in method.transits
    )
    return replace(method, rates=known)


def _varies(method: Method, domestic: frozenset[int]) -> bool:
    return any(
        transit.at_most > method.transit.at_most
        for zone, transit in method.transits.items()
        if zone in domestic
    )


def _served(
    rows: Iterable[DeliveryCountry], methods: Iterable[Method]
) -> dict[str, Country]:
    """Return the countries that are offered and to which a method has a price."""
    zones = {
        rate.zone for method in methods if not method.is_pickup for rate in method.rates
    }
    return {
        row.code: Country(row.code, row.zone_id)
        for row in rows
        if row.is_active and row.zone_id in zones
    }


def _grouped(pairs: Iterable[tuple[int, _T]]) -> defaultdict[int, list[_T]]:
    found: defaultdict[int, list[_T]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def _method(
    row: ShippingMethod,
    rates: Iterable[Rate],
    transits: dict[int, Transit],
    unserved: Iterable[str],
) -> Method:
    return Method(
        id=row.pk,
        names={"en": row.name_en, "ja": row.name_ja},
        carrier=row.carrier,
        basis=row.basis,
        free_from=row.free_from_minor,
        most_grams=row.most_grams,
        rates=tuple(rates),
        transit=Transit(row.days_from, row.days_to),
        days_to_choose=row.days_to_choose,
        transits=transits,
        unserved=frozenset(unserved),
        is_pickup=row.kind == ShippingMethod.Kind.PICKUP,
    )


def _place(row: PickupPlace) -> Place:
    return Place(
        id=row.pk,
        names={"en": row.name_en, "ja": row.name_ja},
        addresses={"en": row.address_en, "ja": row.address_ja},
        hours={"en": row.hours_en, "ja": row.hours_ja},
    )


def _standard() -> Method:
    row = ShippingMethod(name_en=STANDARD_NAMES["en"], name_ja=STANDARD_NAMES["ja"])
    return _method(row, [Rate(None, None, STANDARD_RATE)], {}, [])


def _calendar() -> Calendar:
    row = WorkingCalendar.objects.first() or WorkingCalendar()
    return Calendar(
        weekdays=row.weekdays,
        is_closed_on_holidays=row.is_closed_on_holidays,
        cut_off=row.cut_off,
        handling_days=row.handling_days,
        special=dict(SpecialDay.objects.values_list("day", "is_working")),
    )
