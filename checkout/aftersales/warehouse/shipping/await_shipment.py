"""Step 3, external: wait until the last parcel has left the warehouse.

Parcels that leave before the last one are announced at once, each with its own mail.
What is missing there goes to the shortage desk; when that has decided, the warehouse is
asked for what is left. The deadline is in working days.
"""

from datetime import datetime

from checkout.aftersales.dispatch_errors import BeingCancelled
from checkout.aftersales.warehouse import reports
from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import Status
from checkout.aftersales.warehouse.shipping import deadlines
from checkout.aftersales.warehouse.shipping.call_off import (
    check_stopped,
    stop_at_warehouse,
    wait_for_call_off,
    wait_for_decision,
)
from checkout.aftersales.warehouse.shipping.claimed_shipment import (
    ask_again,
    is_unanswered,
    read_status,
    request,
    resumed_since,
    row_of,
)
from checkout.aftersales.warehouse.shipping.consignments import (
    Consignment,
    consignment_of,
)
from checkout.aftersales.warehouse.shipping.policies import (
    LEASE,
    SHIPPING_LINK,
    WAREHOUSE_RETRY,
)
from checkout.status.names import (
    AWAIT_ACCEPTANCE,
    AWAIT_SHIPMENT,
    WAIT_FOR_GOODS,
    WAIT_FOR_PARCELS,
    WAREHOUSE,
)
from saga.results import Wait
from saga.step import Context, Kind, Step
from shop import database_clock

_Standing = WarehouseOrder.Standing
_LEFT = (_Standing.SHIPPED, _Standing.DELIVERED, _Standing.RETURNED)


def look(context: Context) -> Status | None:
    """Ask the warehouse where that is needed; return its answer."""
    consignment = consignment_of(context)
    if consignment.is_over:
        return stop_at_warehouse(consignment)
    row = row_of(context)
    if consignment.is_held_back:
        return None
    if row.standing == _Standing.SHORT and (
        consignment.is_decided(row) or resumed_since(context, row)
    ):
        return ask_again(context, consignment)
    if is_unanswered(row):
        return request(consignment, row)
    is_late = row.standing not in _LEFT and _now() >= _deadline(context)
    return read_status(consignment, row) if is_late or reports.is_behind(row) else None


def record(context: Context, status: Status | None) -> Wait | dict[str, int]:
    """Announce what left, note what is missing; go on when all has left."""
    consignment = consignment_of(context)
    row = reports.lock(context.reference)
    if row and status:
        reports.learn(row, status)
    check_stopped(consignment, status)
    if consignment.is_over or row is None:
        return {}
    if row.standing in _LEFT:
        return {"parcels": len(row.parcels)}
    try:
        # First: of a rest that is cancelled there, some parcels may have left before.
        consignment.announce(row)
    except BeingCancelled:
        return wait_for_decision()
    if row.standing == _Standing.CANCELLED:
        return wait_for_call_off(row)
    return _wait_for_rest(context, consignment, row)


def _wait_for_rest(
    context: Context, consignment: Consignment, row: WarehouseOrder
) -> Wait:
    """Wait for the parcels that follow, or for the goods that they need."""
    is_held_back = consignment.is_held_back
    is_short = row.standing == _Standing.SHORT
    if is_short and not is_held_back:
        consignment.note_missing(row)
    if is_short or is_held_back:
        return Wait(_now() + deadlines.DESK_EVERY, WAIT_FOR_GOODS)
    return _wait(context)


def _wait(context: Context) -> Wait:
    alert = (
        "the warehouse accepted the order and has not shipped it in time: ask the "
        "people there, it goes on by itself when they ship it"
    )
    return deadlines.wait_until(_deadline(context), WAIT_FOR_PARCELS, alert)


def _deadline(context: Context) -> datetime:
    return datetime.fromisoformat(context.output(AWAIT_ACCEPTANCE)["ship_by"])


def _now() -> datetime:
    return database_clock.read()


STEP = Step(
    AWAIT_SHIPMENT,
    link=SHIPPING_LINK,
    kind=Kind.EXTERNAL,
    dependency=WAREHOUSE,
    do=look,
    record=record,
    retry=WAREHOUSE_RETRY,
    lease=LEASE,
)
