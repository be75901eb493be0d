"""Step 2, external: wait until the warehouse has accepted the order.

Its report wakes the step. At the deadline, or where a report is missing, the warehouse
is asked before staff are alerted.
"""

from datetime import datetime

from checkout.aftersales.warehouse import reports
from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import Status
from checkout.aftersales.warehouse.shipping import deadlines
from checkout.aftersales.warehouse.shipping.call_off import (
    check_stopped,
    stop_at_warehouse,
    wait_for_call_off,
)
from checkout.aftersales.warehouse.shipping.claimed_shipment import (
    ask_again,
    is_unanswered,
    read_status,
    request,
    resumed_since,
    row_of,
)
from checkout.aftersales.warehouse.shipping.consignments import consignment_of
from checkout.aftersales.warehouse.shipping.errors import FulfilmentRejected
from checkout.aftersales.warehouse.shipping.policies import (
    LEASE,
    SHIPPING_LINK,
    WAREHOUSE_RETRY,
)
from checkout.status.names import (
    AWAIT_ACCEPTANCE,
    REQUEST_FULFILMENT,
    WAIT_FOR_ACCEPTANCE,
    WAREHOUSE,
)
from saga.results import Wait
from saga.step import Context, Kind, Step
from shop import database_clock

_Standing = WarehouseOrder.Standing
_UNDECIDED = (_Standing.ASKED, _Standing.RECEIVED)


def look(context: Context) -> Status | None:
    """Ask the warehouse where that is needed; return its answer."""
    consignment = consignment_of(context)
    if consignment.is_over:
        return stop_at_warehouse(consignment)
    row = row_of(context)
    if row.standing == _Standing.REJECTED and resumed_since(context, row):
        return ask_again(context, consignment)
    if is_unanswered(row):
        return request(consignment, row)
    is_late = row.standing in _UNDECIDED and _now() >= _deadline(context)
    return read_status(consignment, row) if is_late or reports.is_behind(row) else None


def record(context: Context, status: Status | None) -> Wait | dict[str, str]:
    """Go on if the order is accepted, else wait. Raises FulfilmentRejected."""
    consignment = consignment_of(context)
    row = reports.lock(context.reference)
    if row and status:
        reports.learn(row, status)
    check_stopped(consignment, status)
    if consignment.is_over or row is None:
        return {}
    if row.standing == _Standing.REJECTED:
        message = f"the warehouse rejects the order: {row.reason or 'no reason given'}"
        raise FulfilmentRejected(message)
    if row.standing == _Standing.CANCELLED:
        return wait_for_call_off(row)
    if row.standing in _UNDECIDED:
        return _wait(context)
    return {"ship_by": deadlines.shipment(_now()).isoformat()}


def _wait(context: Context) -> Wait:
    alert = (
        "the warehouse has the order and has not accepted it in time: ask the people "
        "there, it goes on by itself when they do"
    )
    return deadlines.wait_until(_deadline(context), WAIT_FOR_ACCEPTANCE, alert)


def _deadline(context: Context) -> datetime:
    return datetime.fromisoformat(context.output(REQUEST_FULFILMENT)["accept_by"])


def _now() -> datetime:
    return database_clock.read()


STEP = Step(
    AWAIT_ACCEPTANCE,
    link=SHIPPING_LINK,
    kind=Kind.EXTERNAL,
    dependency=WAREHOUSE,
    do=look,
    record=record,
    retry=WAREHOUSE_RETRY,
    lease=LEASE,
)
