"""What staff enter about shipping: zones, methods, prices, places, working days."""

from checkout.shipping.models.calendar import SpecialDay, WorkingCalendar, ZoneTransit
from checkout.shipping.models.country import DeliveryCountry
from checkout.shipping.models.method import (
    ShippingMethod,
    ShippingRate,
    UnservedPrefecture,
)
from checkout.shipping.models.place import PickupPlace
from checkout.shipping.models.zone import ShippingZone, ZonePrefecture

__all__ = [
    "DeliveryCountry",
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
