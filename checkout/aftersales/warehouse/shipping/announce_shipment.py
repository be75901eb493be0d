"""Step 4, local: record the parcels that left and tell the customer, by mail.

The charge was made before the warehouse was asked: goods leave only when they are paid.
"""

from checkout.aftersales.dispatch_errors import BeingCancelled
from checkout.aftersales.warehouse import reports
from checkout.aftersales.warehouse.shipping import deadlines
from checkout.aftersales.warehouse.shipping.call_off import wait_for_decision
from checkout.aftersales.warehouse.shipping.consignments import consignment_of
from checkout.aftersales.warehouse.shipping.policies import (
    LEASE,
    SHIPPING_LINK,
    WAREHOUSE_RETRY,
)
from checkout.status.names import ANNOUNCE_SHIPMENT
from saga.results import Wait
from saga.step import Context, Kind, Step
from shop import database_clock


def announce(context: Context) -> Wait | dict[str, object]:
    """Record what is not recorded yet; with the last parcel the order is shipped.

    If the order is being cancelled at this moment, that is decided first.
    """
    consignment = consignment_of(context)
    row = reports.lock(context.reference)
    count = 0
    if row and not consignment.is_over:
        try:
            count = consignment.announce(row)
        except BeingCancelled:
            return wait_for_decision()
    until = deadlines.delivery(database_clock.read())
    return {"announced": count, "delivered_by": until.isoformat()}


STEP = Step(
    ANNOUNCE_SHIPMENT,
    link=SHIPPING_LINK,
    kind=Kind.LOCAL,
    do=announce,
    retry=WAREHOUSE_RETRY,
    lease=LEASE,
)
