"""Who has the goods of an order that is paid and not sent: the shop, or a warehouse.

Asked by the relation's name alone: the warehouse's room uses the rooms that ask.
"""

from orders.models import Shipment

# Standings at which a warehouse has agreed not to send anything.
STOPPED = ("cancelled", "rejected")
_UNSENT = (Shipment.Status.REQUESTED, Shipment.Status.HELD_BACK)


def warehouse_may_send(order_id: int) -> bool:
    """Return whether a warehouse was asked to send the order and may still do so.

    Then its goods are not put back into stock before the warehouse has agreed.
    """
    asked = Shipment.objects.filter(
        order=order_id,
        status__in=_UNSENT,
        parcel_count=0,
        at_warehouse__isnull=False,
    )
    return asked.exclude(at_warehouse__standing__in=STOPPED).exists()
