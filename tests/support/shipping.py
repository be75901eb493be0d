"""Factories of shipping methods and zones. Amounts are yen, weights grams."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from checkout.shipping.models import (
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
