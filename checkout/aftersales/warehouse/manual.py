"""The warehouse of a shop without a warehouse system: its own staff, at their desk.

They see paid orders in the list of shipments, and press "shipped". So nothing is sent
anywhere: the shop's own tables are what this warehouse knows.
"""

from collections.abc import Iterator
from datetime import datetime

from checkout.aftersales.warehouse.port import (
    Answer,
    NotFound,
    Recipient,
    ShippingOrder,
    Standing,
    Status,
)
from orders.models import Shipment

_STANDINGS = {
    Shipment.Status.REQUESTED: Standing.ACCEPTED,
    Shipment.Status.HELD_BACK: Standing.SHORT,
    Shipment.Status.DISPATCHED: Standing.SHIPPED,
    Shipment.Status.CALLED_OFF: Standing.CANCELLED,
}
# Nothing has left: staff have the parcel before them.
_HERE = (Standing.ACCEPTED, Standing.SHORT, Standing.CANCELLED)


class ManualWarehouse:
    """See Warehouse."""

    def request(self, order: ShippingOrder) -> Status:
        """Return where the shipment stands: staff find it in their list."""
        return self.status(order.shipment)

    def status(self, shipment: str) -> Status:
        row = Shipment.objects.filter(order__number=shipment).first()
        if row is None:
            message = f"{shipment} has no shipment: it is not paid yet, or cancelled"
            raise NotFound(message, "no_shipment")
        return _read(row, shipment)

    def request_cancellation(self, shipment: str) -> Answer:
        """Accept at once while nothing has left.

        The caller looks again under a lock before it acts: a colleague may hand the
        parcel over meanwhile.
        """
        return self._while_here(shipment)

    def cancel_rest(self, shipment: str) -> Answer:
        """Accept while something is here: staff have it before them."""
        return self._while_here(shipment)

    def change_recipient(
        self, shipment: str, recipient: Recipient, delivery: str
    ) -> Answer:
        """Accept at once while nothing has left: the slip is printed from the order."""
        del recipient, delivery
        return self._while_here(shipment)

    def changed_since(self, moment: datetime) -> Iterator[Status]:
        """Return nothing: what staff have is what the shop has."""
        del moment
        return iter(())

    def _while_here(self, shipment: str) -> Answer:
        is_here = self.status(shipment).standing in _HERE
        return Answer.ACCEPTED if is_here else Answer.REFUSED


def _read(row: Shipment, shipment: str) -> Status:
    standing = _STANDINGS[Shipment.Status(row.status)]
    return Status(shipment, standing, revision=1, sequence=0)
