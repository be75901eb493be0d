"""What each shipping method costs for some goods, or why it cannot carry them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from checkout.shipping.models import ShippingMethod
from checkout.shipping.prefectures import Prefecture
from checkout.shipping.promise import Promise, promise
from checkout.shipping.slots import slots_of
from checkout.shipping.table import (
    Country,
    Method,
    Place,
    Rate,
    ShippingTable,
    in_language,
    read_table,
)
from checkout.shipping.wording import write_day
from shop.countries import JAPAN
from shop.money import Money


@dataclass(frozen=True)
class Goods:
    """What is to be carried: its price, and its weight in grams.

    ``not_before``: the day before which some of it is not sent; None: at once.
    """

    amount: Money
    grams: int = 0
    not_before: date | None = None


@dataclass(frozen=True)
class Pickup:
    """A place in one language."""

    name: str
    address: str
    hours: str


@dataclass(frozen=True)
class Offer:
    """A method with its price for some goods; ``refusal`` says why it is not offered.

    ``price`` is zero where there is a refusal. ``promise`` is None where there is one,
    and where the shop has no working day. Of a pick-up there is one for each ``place``.
    """

    method: Method
    price: Money
    promise: Promise | None
    refusal: str = ""
    place: Place | None = None
    is_abroad: bool = False

    @property
    def id(self) -> str:
        """Return the method as forms name it, with its place: 3, or 3-7."""
        method = str(self.method.id or "")
        return f"{method}-{self.place.id}" if self.place else method

    @property
    def name(self) -> str:
        """Return the method's name in the active language."""
        return self.method.name

    @property
    def place_id(self) -> int | None:
        return self.place.id if self.place else None

    @property
    def pickup(self) -> Pickup | None:
        """Return where it is picked up, in the active language; None: it is sent."""
        if self.place is None:
            return None
        return Pickup(
            in_language(self.place.names),
            in_language(self.place.addresses),
            in_language(self.place.hours),
        )

    @property
    def days(self) -> tuple[date, ...]:
        """Return the days on which the customer can have the goods delivered.

        The first is the last promised one: it is certain. Abroad there are none.
        """
        if self.promise is None or self.is_abroad:
            return ()
        first, count = self.promise.latest, self.method.days_to_choose
        return tuple(first + timedelta(days=number) for number in range(count))

    @property
    def slots(self) -> tuple[str, ...]:
        """Return the codes of the time slots that the customer can choose."""
        may_choose = self.method.days_to_choose and not self.is_abroad
        return slots_of(self.method.carrier) if may_choose else ()

    def problem(self, day: date | None, slot: str) -> str:
        """Return why these cannot be chosen, in the active language, or ""."""
        if day is not None and day not in self.days:
            if not self.days:
                return _("%(method)s has no choice of the day.") % {"method": self.name}
            first = {"day": write_day(self.days[0]), "last": write_day(self.days[-1])}
            return _("Choose a delivery day from %(day)s to %(last)s.") % first
        if slot and slot not in self.slots:
            return _("%(method)s does not deliver at that time. Choose another.") % {
                "method": self.name
            }
        return ""

    @property
    def free_from(self) -> Money | None:
        """Return from which amount of goods the method is free; None: never."""
        least = self.method.free_from
        return None if least is None else _money(least)


def offers(
    goods: Goods, prefecture: str | None, country: str = JAPAN
) -> tuple[Offer, ...]:
    """Return the methods of a country in their order, as of now.

    In Japan without a prefecture (None) price and dates are an estimate: those of all
    prefectures that are in no zone. Abroad there are only the methods that have prices
    for the country's zone; () if the shop does not deliver there.
    """
    table, now = read_table()
    if country != JAPAN:
        return _offers_abroad(goods, table.countries.get(country), table, now)
    return tuple(
        offer
        for method in table.methods
        if serves_japan(method, table)
        for offer in _offers_of(method, goods, prefecture, table, now)
    )


def serves_japan(method: Method, table: ShippingTable) -> bool:
    """Return whether the method has any price for Japan, or none at all.

    A zone that is still empty, or whose countries were removed, is nowhere.
    """
    return not method.rates or bool(_domestic(method, table))


def _domestic(method: Method, table: ShippingTable) -> list[Rate]:
    return [
        rate
        for rate in method.rates
        if rate.zone is None or rate.zone in table.domestic
    ]


def _offers_abroad(
    goods: Goods, country: Country | None, table: ShippingTable, now: datetime
) -> tuple[Offer, ...]:
    if country is None:
        return ()
    found = []
    for method in table.methods:
        rates = [rate for rate in method.rates if rate.zone == country.zone]
        if rates and not method.is_pickup:
            # What is free in Japan is not free abroad.
            own = (
                replace(method, free_from=None) if _domestic(method, table) else method
            )
            offer = _priced(own, goods, rates, country.zone, table, now)
            found.append(replace(offer, is_abroad=True))
    return tuple(found)


def _offers_of(
    method: Method,
    goods: Goods,
    prefecture: str | None,
    table: ShippingTable,
    now: datetime,
) -> list[Offer]:
    """Return one offer, or one for each place, wherever the customer lives."""
    if not method.is_pickup:
        return [_offer(method, goods, prefecture or None, table, now)]
    one = _offer(method, goods, None, table, now)
    ready = one.promise and replace(one.promise, is_pickup=True)
    return [replace(one, promise=ready, place=place) for place in method.places]


def _offer(
    method: Method,
    goods: Goods,
    prefecture: str | None,
    table: ShippingTable,
    now: datetime,
) -> Offer:
    rates = _rates(method, prefecture, table)
    if prefecture is not None and (prefecture in method.unserved or not rates):
        where = {"prefecture": Prefecture(prefecture).label}
        refusal = _("Not available in %(prefecture)s.") % where
        return Offer(method, _money(0), None, refusal)
    zone = table.zones.get(prefecture or "")
    return _priced(method, goods, rates, zone, table, now)


def _priced(
    method: Method,
    goods: Goods,
    rates: Sequence[Rate],
    zone: int | None,
    table: ShippingTable,
    now: datetime,
) -> Offer:
    """Return the offer by these rates, those of ``zone`` or of all others (None)."""
    refusal = _refusal(method, goods, rates)
    rate = _within(rates, _measure(method, goods))
    if refusal or rate is None:
        return Offer(method, _money(0), None, refusal)
    least = method.free_from
    is_free = not goods.amount or (least is not None and goods.amount.minor >= least)
    transit = method.transits.get(zone or 0, method.transit)
    promised = promise(table.calendar, transit, now, goods.not_before)
    return Offer(method, _money(0 if is_free else rate.minor), promised)


def _refusal(method: Method, goods: Goods, rates: Sequence[Rate]) -> str:
    most = _heaviest(method, rates)
    if most is not None and goods.grams > most:
        weights = {"most": kilograms(most), "weight": kilograms(goods.grams)}
        return _("Up to %(most)s; your items weigh %(weight)s.") % weights
    largest = _limit(rates)
    by_amount = method.basis == ShippingMethod.Basis.AMOUNT
    if by_amount and largest is not None and goods.amount.minor > largest:
        amount = _money(largest).format(get_language() or "en")
        return _("For items of up to %(amount)s only.") % {"amount": amount}
    return "" if rates else _("Not available for these items.")


def _heaviest(method: Method, rates: Sequence[Rate]) -> int | None:
    """Return the weight in grams beyond which the method carries nothing."""
    by_weight = method.basis == ShippingMethod.Basis.WEIGHT
    limits = (method.most_grams, _limit(rates) if by_weight else None)
    return min((each for each in limits if each is not None), default=None)


def _rates(method: Method, prefecture: str | None, table: ShippingTable) -> list[Rate]:
    """Return the rates of the prefecture's zone, else those of all others.

    Without a prefecture a method that has prices for zones only is shown with its
    lowest ones.
    """
    zone = table.zones.get(prefecture or "")
    own = [rate for rate in method.rates if zone is not None and rate.zone == zone]
    others = [rate for rate in method.rates if rate.zone is None]
    if prefecture is None and not others and method.rates:
        cheapest = min(_domestic(method, table), key=lambda rate: rate.minor)
        return [rate for rate in method.rates if rate.zone == cheapest.zone]
    return own or others


def _within(rates: Sequence[Rate], measure: int) -> Rate | None:
    """Return the rate with the lowest limit that holds ``measure``."""
    fitting = [rate for rate in rates if rate.up_to is None or measure <= rate.up_to]
    return min(
        fitting, key=lambda rate: (rate.up_to is None, rate.up_to or 0), default=None
    )


def _limit(rates: Sequence[Rate]) -> int | None:
    """Return the highest limit of the rates; None: one of them has none."""
    limits = [rate.up_to for rate in rates if rate.up_to is not None]
    return max(limits, default=None) if len(limits) == len(rates) else None


def _measure(method: Method, goods: Goods) -> int:
    by_weight = method.basis == ShippingMethod.Basis.WEIGHT
    return goods.grams if by_weight else goods.amount.minor


def kilograms(grams: int) -> str:
    """Return 2.5 kg, without digits that say nothing."""
    text = number_format(grams / 1000, decimal_pos=3, use_l10n=True)
    return f"{text.rstrip('0').rstrip('.')} kg"


def _money(minor: int) -> Money:
    return Money(minor, settings.CURRENCY)
