"""A shipment that is called off on one of both sides: the other one must follow."""

from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import (
    Answer,
    NotFound,
    Standing,
    Status,
    get_warehouse,
)
from checkout.aftersales.warehouse.shipping import deadlines
from checkout.aftersales.warehouse.shipping.consignments import Consignment
from checkout.aftersales.warehouse.shipping.errors import (
    CancelledThere,
    SentWrongly,
    as_saga_errors,
)
from checkout.status.names import WAIT_FOR_CALL_OFF
from saga.errors import Retry
from saga.results import Wait
from shop import database_clock


def stop_at_warehouse(consignment: Consignment) -> Status | None:
    """Have a shipment cancelled there that is called off here. Twice is once.

    Return where it stands then; None if it left here, so that nothing is to be stopped.
    Raises SentWrongly if the warehouse refuses: then the parcel is under way.
    """
    if not consignment.is_called_off:
        return None
    with as_saga_errors():
        try:
            status = get_warehouse().status(consignment.number)
        except NotFound:
            return None
        if status.standing is Standing.CANCELLED:
            return status
        answer = get_warehouse().request_cancellation(consignment.number)
        if answer is Answer.ACCEPTED:
            return get_warehouse().status(consignment.number)
    if answer is Answer.REFUSED:
        message = (
            "the shipment was called off here, and the warehouse refuses to stop it: "
            f"{status.standing.value}"
        )
        raise SentWrongly(message)
    message = "people at the warehouse decide whether the shipment is stopped"
    raise Retry(message, deadlines.CALL_OFF_WITHIN, answered=True)


def check_stopped(consignment: Consignment, status: Status | None) -> None:
    """Raise Retry if the shipment was called off here while the warehouse was asked.

    ``status`` is its answer: a request that overtook the call-off is to be stopped.
    """
    stopped = status is None or status.standing is Standing.CANCELLED
    if consignment.is_called_off and not stopped:
        message = "the shipment was called off while the warehouse was asked for it"
        raise Retry(message, answered=True)


def wait_for_decision() -> Wait:
    """Wait until an order that is being cancelled is cancelled, or is not.

    Its saga tells it at once; the time is for a wake-up that was lost.
    """
    until = database_clock.read() + deadlines.CALL_OFF_WITHIN
    return Wait(until, WAIT_FOR_CALL_OFF)


def wait_for_call_off(row: WarehouseOrder) -> Wait:
    """Wait until the shop's own cancellation has called the shipment off.

    Raises CancelledThere if there is none.
    """
    since = row.heard_at or row.asked_at
    until = since + deadlines.CALL_OFF_WITHIN
    if database_clock.read() >= until:
        message = f"the warehouse has cancelled it: {row.reason or 'no reason given'}"
        raise CancelledThere(message)
    return Wait(until, WAIT_FOR_CALL_OFF)
