"""Step 5, external: wait until the parcels are delivered, or for long enough.

Carriers do not always tell the warehouse: after some days the shipment is closed by
itself. A parcel that came back waits for staff.
"""

import logging
from datetime import datetime

from checkout.aftersales.warehouse import reports
from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import Status, WarehouseError, get_warehouse
from checkout.aftersales.warehouse.shipping.claimed_shipment import row_of
from checkout.aftersales.warehouse.shipping.consignments import consignment_of
from checkout.aftersales.warehouse.shipping.errors import ReturnedToSender
from checkout.aftersales.warehouse.shipping.policies import (
    LEASE,
    SHIPPING_LINK,
    WAREHOUSE_RETRY,
)
from checkout.status.names import (
    ANNOUNCE_SHIPMENT,
    AWAIT_DELIVERY,
    WAIT_FOR_DELIVERY,
)
from saga.results import Wait
from saga.step import Context, Kind, Step
from shop import database_clock

logger = logging.getLogger(__name__)

_Standing = WarehouseOrder.Standing


def look(context: Context) -> Status | None:
    """Ask the warehouse once more at the end; its silence changes nothing."""
    consignment, number = consignment_of(context), context.reference
    if consignment.is_called_off or not WarehouseOrder.objects.named([number]).exists():
        return None
    if not reports.is_behind(row_of(context)) and _now() < _deadline(context):
        return None
    try:
        return get_warehouse().status(number)
    except WarehouseError as error:
        logger.info("%s: the warehouse was asked for the last time: %s", number, error)
        return None


def record(context: Context, status: Status | None) -> Wait | dict[str, str]:
    """Close the shipment. Raises ReturnedToSender, which staff settle and skip."""
    consignment = consignment_of(context)
    row = reports.lock(context.reference)
    if row and status:
        reports.learn(row, status)
    if row is None or consignment.is_called_off:
        return {"closed": "called off"}
    if row.standing == _Standing.RETURNED:
        message = f"the parcel came back: {row.reason or 'no reason given'}"
        raise ReturnedToSender(message)
    if row.standing == _Standing.DELIVERED:
        consignment.deliver(row)
        return {"closed": "delivered"}
    if _now() < _deadline(context):
        return Wait(_deadline(context), WAIT_FOR_DELIVERY)
    return {"closed": "nothing was reported in time"}


def _deadline(context: Context) -> datetime:
    return datetime.fromisoformat(context.output(ANNOUNCE_SHIPMENT)["delivered_by"])


def _now() -> datetime:
    return database_clock.read()


STEP = Step(
    AWAIT_DELIVERY,
    link=SHIPPING_LINK,
    kind=Kind.EXTERNAL,
    do=look,
    record=record,
    skippable=True,
    retry=WAREHOUSE_RETRY,
    lease=LEASE,
)
