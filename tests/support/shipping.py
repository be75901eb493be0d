"""Factories of shipping methods and zones. Amounts are yen, weights grams."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from checkout.shipping.models import (
    DeliveryCountry,
    PickupPlace,
    ShippingMethod,
    ShippingRate,
    ShippingZone,
    SpecialDay,
    ZonePrefecture,
)
from shop import database_clock


def make_method(
    name: str = "Parcel", rate: int | None = 600, **fields: Any
) -> ShippingMethod:
    """Create a method with one price for everything (None: without any price)."""
    usual = {"name_en": name, "name_ja": f"{name}便", "free_from_minor": None}
    method = ShippingMethod.objects.create(**(usual | fields))
    if rate is not None:
        ShippingRate.objects.create(method=method, rate_minor=rate)
    return method


def make_zone(name: str, *prefectures: str, position: int = 0) -> ShippingZone:
    zone = ShippingZone.objects.create(name=name, position=position)
    for prefecture in prefectures:
        ZonePrefecture.objects.create(zone=zone, prefecture=prefecture)
    return zone


def make_pickup(
    *names: str, rate: int = 0, position: int = 9, **fields: Any
) -> ShippingMethod:
    """Create a method of places with these names, ready the day they are due."""
    usual = {"kind": "pickup", "days_from": 0, "days_to": 0, "position": position}
    method = make_method("Pick-up", rate, **(usual | fields))
    for number, name in enumerate(names or ("Minato",)):
        PickupPlace.objects.create(
            method=method,
            name_en=name,
            name_ja=f"{name}店",
            address_en=f"1-2-3 {name}, Tokyo",
            address_ja=f"東京都{name}1-2-3",
            hours_en="10:00 to 19:00",
            hours_ja="10時から19時",
            position=number,
        )
    return method


def add_rate(
    method: ShippingMethod,
    rate: int,
    zone: ShippingZone | None = None,
    up_to: int | None = None,
) -> ShippingRate:
    return ShippingRate.objects.create(
        method=method, zone=zone, up_to=up_to, rate_minor=rate
    )


def close_for_days(days: int = 3) -> None:
    """Close the shop from today on, so that no deadline is written in minutes.

    Then two pages that are made one after the other are the same.
    """
    today = timezone.localdate(database_clock.read())
    SpecialDay.objects.bulk_create(
        SpecialDay(day=today + timedelta(days=number)) for number in range(days)
    )


def deliver_to(
    code: str = "US",
    rate: int = 2000,
    prices: str = "net",
    tax: tuple[str, int, int] | None = None,
    up_to: int | None = None,
    **fields: Any,
) -> ShippingMethod:
    """Deliver to a country by a method of its own, EMS.

    ``tax``: name, standard and reduced rate of what the shop collects for the country.
    """
    zone = make_zone(f"Zone of {code}", position=9)
    row = DeliveryCountry(code=code, zone=zone, prices=prices, tax_up_to_minor=up_to)
    if tax:
        row.tax_name, row.standard_rate, row.reduced_rate = tax
    row.save()
    usual = {"days_from": 5, "days_to": 9, "carrier": "japan_post", "position": 5}
    method = make_method("EMS", None, **(usual | fields))
    add_rate(method, rate, zone)
    return method
