"""Step 1, external: ask the warehouse to send the goods. The pivot: only forward.

Nothing is undone by a machine from here on: a cancellation is a wish that the warehouse
grants or refuses, and has a saga of its own.
"""

from checkout.aftersales.warehouse import reports
from checkout.aftersales.warehouse.port import Status
from checkout.aftersales.warehouse.shipping import deadlines
from checkout.aftersales.warehouse.shipping.claimed_shipment import request, row_of
from checkout.aftersales.warehouse.shipping.consignments import consignment_of
from checkout.aftersales.warehouse.shipping.policies import (
    LEASE,
    SHIPPING_LINK,
    WAREHOUSE_RETRY,
)
from checkout.status.names import REQUEST_FULFILMENT, WAREHOUSE
from saga.results import Wait
from saga.step import Context, Kind, Step


def prepare(context: Context) -> None:
    """Store with the claim what will be asked: a report may come before the answer."""
    consignment = consignment_of(context)
    if not consignment.is_over and not consignment.released_at:
        consignment.remember()


def ask(context: Context) -> Wait | Status | None:
    """Send the shipping order. The same one twice is one at the warehouse.

    Of a pre-order it waits for the release: nobody sends it by mistake.
    """
    consignment = consignment_of(context)
    if consignment.is_over:
        return None
    if consignment.released_at:
        return Wait(consignment.released_at, "a pre-order: not released yet")
    return request(consignment, row_of(context))


def record(context: Context, status: Wait | Status | None) -> Wait | dict[str, str]:
    """Store the answer, and until when the order should be accepted."""
    if isinstance(status, Wait):
        return status
    row = reports.lock(context.reference)
    if status and row:
        reports.learn(row, status)
    return {"accept_by": deadlines.acceptance(context.claimed_at).isoformat()}


STEP = Step(
    REQUEST_FULFILMENT,
    link=SHIPPING_LINK,
    kind=Kind.EXTERNAL,
    dependency=WAREHOUSE,
    prepare=prepare,
    do=ask,
    record=record,
    pivot=True,
    retry=WAREHOUSE_RETRY,
    lease=LEASE,
)
