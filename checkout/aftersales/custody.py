"""Who has the goods of an order that is paid and not sent: the shop, or a warehouse.

Asked by the relation's name alone: the warehouse's room uses the rooms that ask.
"""

from orders.models import Shipment

# Standings at which a warehouse has agreed not to send anything more.
STOPPED = ("cancelled", "rejected")
_UNSENT = (Shipment.Status.REQUESTED, Shipment.Status.HELD_BACK)


def warehouse_may_send(order_id: int) -> bool:
    """Return whether a warehouse was asked to send the order and may still do so.

    Then its goods are not put back into stock before the warehouse has agreed, nor
    while it has reported a parcel that is not recorded here.
    """
    asked = Shipment.objects.filter(
        order=order_id, status__in=_UNSENT, at_warehouse__isnull=False
    )
    found = asked.values_list(
        "parcel_count", "at_warehouse__standing", "at_warehouse__parcels"
    ).first()
    if found is None:
        return False
    recorded, standing, parcels = found
    return standing not in STOPPED or len(parcels) > recorded


def has_unrecorded_parcels(order_id: int) -> bool:
    """Return whether a warehouse has reported a parcel that is not recorded here."""
    rows = Shipment.objects.filter(order=order_id, at_warehouse__isnull=False)
    found = rows.values_list("parcel_count", "at_warehouse__parcels").first()
    return found is not None and len(found[1]) > found[0]


def rest_is_at_warehouse(order_id: int) -> bool:
    """Return whether parcels have left a warehouse that may send more."""
    partly = Shipment.objects.filter(order=order_id, parcel_count__gt=0)
    return partly.exists() and warehouse_may_send(order_id)
