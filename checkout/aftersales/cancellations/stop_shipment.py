"""Step 1, external: have the warehouse stop the shipment. The pivot.

The shipment's row decides: if the parcel leaves at the same moment, one of both wins. A
warehouse that refuses, or a parcel that has left, ends the cancellation as refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction

from checkout.aftersales import listeners
from checkout.aftersales.cancellations import notices
from checkout.aftersales.cancellations.claimed_cancellation import cancellation_of
from checkout.aftersales.warehouse import port
from checkout.aftersales.warehouse.port import Answer, Standing, get_warehouse
from checkout.flow.policies import LEASE, RETRY
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.promotions import services as promotions
from checkout.status.names import (
    CANCELLATION_NAME,
    STOP_SHIPMENT,
    WAIT_FOR_WAREHOUSE,
    WAREHOUSE,
)
from orders import transitions
from orders.errors import IllegalMove
from orders.models import Cancellation, Order, Payment, Refund
from orders.transitions import cancellations, shortages
from saga.alerting import raise_notice
from saga.errors import Abort, ManualIntervention, OutcomeUnknown, Retry
from saga.results import Wait
from saga.step import Context, Kind, Step
from shop import database_clock

LINK = "checkout.stop_shipment"
# Why the saga was undone: nothing was stopped.
LEFT = "left"
# If the warehouse's report of its decision is lost, this reading finds it.
_READ_EVERY = timedelta(minutes=10)


def stop(context: Context) -> Answer:
    """Ask the warehouse to send nothing. Return its answer, as it is by now."""
    number = context.reference
    with _as_saga_errors():
        try:
            answer = get_warehouse().request_cancellation(number)
            if answer is not Answer.PENDING:
                return answer
            return _answer_of(get_warehouse().status(number).standing)
        except port.NotFound:
            # It was never asked to send it, and never will be.
            return Answer.ACCEPTED


def _answer_of(standing: Standing) -> Answer:
    if standing is Standing.CANCELLED:
        return Answer.ACCEPTED
    gone = (Standing.SHIPPED, Standing.DELIVERED, Standing.RETURNED)
    return Answer.REFUSED if standing in gone else Answer.PENDING


@contextmanager
def _as_saga_errors() -> Iterator[None]:
    """Raise the saga's error in place of each error of the warehouse."""
    try:
        yield
    except port.NoAnswer as error:
        message = f"the warehouse gave no clear answer: {error}"
        raise OutcomeUnknown(message) from error
    except port.NotNow as error:
        message = f"the warehouse asks for patience: {error}"
        raise Retry(message) from error
    except port.Misconfigured as error:
        raise Retry(str(error), limitless=True) from error
    except port.Refused as error:
        message = f"the warehouse refuses the request: {error}"
        raise ManualIntervention(message) from error


def record(context: Context, answer: Answer) -> Wait | None:
    """Call the shipment off, and cancel the order. Raises Abort if it is too late."""
    if answer is Answer.PENDING:
        return Wait(database_clock.read() + _READ_EVERY, WAIT_FOR_WAREHOUSE)
    if answer is Answer.REFUSED:
        message = "the warehouse cannot stop the parcel any more"
        raise Abort(message, LEFT, nothing_taken=True)
    cancellation = cancellation_of(context)
    order = cancellation.order
    # First, as in all that moves a shipment: this order avoids deadlocks.
    Payment.objects.select_for_update().get(order=order)
    try:
        with transaction.atomic():
            transitions.call_off(order, _reason(cancellation), cancellation.decided_by)
    except IllegalMove as error:
        message = "the parcel has left"
        raise Abort(message, LEFT, nothing_taken=True) from error
    shortages.settle_with_order(order, cancellation.decided_by)
    promotions.give_back(order.number)
    listeners.tell(order.number)
    return None


def _reason(cancellation: Cancellation) -> Order.CancelReason:
    if cancellation.by_customer:
        return Order.CancelReason.CUSTOMER
    return Order.CancelReason.STAFF


def keep(_context: Context) -> None:
    """Undo: nothing was stopped, so nothing is to be sent again."""


def refuse(context: Context, _nothing: object) -> None:
    """Record that it came too late, and say so to the customer and to staff."""
    cancellation = cancellation_of(context)
    refund = cancellation.refund
    if not cancellations.refuse(cancellation):
        return
    order = cancellation.order
    if refund is not None and refund.status == Refund.Status.SUCCEEDED:
        # Until now the mail about the cancellation was to report it.
        outbox.queue(order, MailKind.REFUNDED, str(refund.pk))
    tell_refusal(cancellation)
    # The parcel is announced now.
    listeners.tell(order.number)


def tell_refusal(cancellation: Cancellation) -> None:
    """Queue the mail, and alert staff, in the caller's transaction."""
    key = str(cancellation.pk)
    outbox.queue(
        cancellation.order, MailKind.CANCEL_REFUSED, key, cancellation=cancellation.pk
    )
    now = database_clock.read()
    raise_notice(CANCELLATION_NAME, f"{notices.REFUSED} {key}", now)


STEP = Step(
    STOP_SHIPMENT,
    link=LINK,
    kind=Kind.EXTERNAL,
    dependency=WAREHOUSE,
    do=stop,
    record=record,
    undo=keep,
    record_undo=refuse,
    undo_calls=lambda _saga: False,
    pivot=True,
    retry=RETRY,
    lease=LEASE,
)
