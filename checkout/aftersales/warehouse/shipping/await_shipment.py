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
from checkout.aftersales.warehouse.shipping import deadlines, parcels, shortage
from checkout.aftersales.warehouse.shipping.call_off import (
    check_stopped,
    stop_at_warehouse,
    wait_for_call_off,
    wait_for_decision,
)
from checkout.aftersales.warehouse.shipping.claimed_shipment import (
    ask_again,
    is_over,
    is_unanswered,
    order_of,
    read_status,
    request,
    row_of,
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
from orders.models import Order, Shipment
from saga.results import Wait
from saga.step import Context, Kind, Step
from shop import database_clock

_Standing = WarehouseOrder.Standing
_LEFT = (_Standing.SHIPPED, _Standing.DELIVERED, _Standing.RETURNED)


def look(context: Context) -> Status | None:
    """Ask the warehouse where that is needed; return its answer."""
    order = order_of(context)
    if is_over(order):
        return stop_at_warehouse(order)
    row = row_of(context)
    if _is_held_back(order):
        return None
    if row.standing == _Standing.SHORT and shortage.is_settled(order, row):
        return ask_again(context, order)
    if is_unanswered(row):
        return request(order, row)
    is_late = row.standing not in _LEFT and _now() >= _deadline(context)
    return read_status(order, row) if is_late or reports.is_behind(row) else None


def record(context: Context, status: Status | None) -> Wait | dict[str, int]:
    """Announce what left, note what is missing; go on when all has left."""
    order = order_of(context)
    row = reports.lock(context.reference)
    if row and status:
        reports.learn(row, status)
    check_stopped(order, status)
    if is_over(order) or row is None:
        return {}
    if row.standing in _LEFT:
        return {"parcels": len(row.parcels)}
    if row.standing == _Standing.CANCELLED:
        return wait_for_call_off(row)
    try:
        parcels.announce(order, row)
    except BeingCancelled:
        return wait_for_decision()
    is_held_back, is_short = _is_held_back(order), row.standing == _Standing.SHORT
    if is_short and not is_held_back:
        shortage.record(order, row)
    if is_short or is_held_back:
        return Wait(_now() + deadlines.DESK_EVERY, WAIT_FOR_GOODS)
    return _wait(context)


def _is_held_back(order: Order) -> bool:
    return order.shipment.status == Shipment.Status.HELD_BACK


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
