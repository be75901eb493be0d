"""What staff enter about shipping: zones, methods, prices, places, working days."""

from checkout.shipping.models.calendar import SpecialDay, WorkingCalendar, ZoneTransit
from checkout.shipping.models.method import (
    ShippingMethod,
    ShippingRate,
    UnservedPrefecture,
)
from checkout.shipping.models.place import PickupPlace
from checkout.shipping.models.zone import ShippingZone, ZonePrefecture

__all__ = [
    "PickupPlace",
    "ShippingMethod",
    "ShippingRate",
    "ShippingZone",
    "SpecialDay",
    "UnservedPrefecture",
    "WorkingCalendar",
    "ZonePrefecture",
    "ZoneTransit",
]
