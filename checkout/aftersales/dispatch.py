"""Dispatch by staff: release an order for shipping, hand its parcels over, call it off.

Goods leave only while something is left of the charge, wherever it was refunded.
"""

import uuid
from collections.abc import Sequence

from django.db import transaction

from checkout.aftersales import listeners
from checkout.aftersales.custody import (
    has_unrecorded_parcels,
    warehouse_may_send,
)
from checkout.aftersales.dispatch_errors import (
    AtWarehouse,
    BeingCancelled,
    ChargedAtOnce,
    NothingLeft,
    NotReleasable,
    NotReleased,
    NotShippable,
    NotWaiting,
    PickedUp,
    StillPaid,
    Unsendable,
)
from checkout.aftersales.shortages.services import put_back
from checkout.flow.definition import CHECKOUT
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.promotions import services as promotions
from checkout.status.names import AUTHORIZE
from checkout.status.sagas import saga_of
from orders import transitions
from orders.errors import IllegalMove, NothingDue, ParcelRefused
from orders.models import Order, OrderEvent, Parcel, Payment, Shipment
from orders.parcels import Units, due
from orders.transitions import cancellations
from saga import operations
from saga.models import LIVE, Direction, Saga


@transaction.atomic
def release(order: Order, actor: str) -> bool:
    """Release an order that is charged at shipment, so that its saga charges it now.

    Return False if it was released before. Raises NotReleasable.
    """
    # First, because it locks the saga's row: what is read next cannot change.
    operations.wake(CHECKOUT, order.number)
    if Order.objects.filter(pk=order.pk, ready_at__isnull=False).exists():
        return False
    check_releasable(saga_of(order), Payment.objects.get(order=order))
    return transitions.release(order, actor)


def check_releasable(saga: Saga, payment: Payment) -> None:
    """Raise NotReleasable unless the order can be released for shipping."""
    if payment.capture != Payment.Capture.SHIPMENT:
        raise ChargedAtOnce(saga.reference)
    waits = (
        saga.state in LIVE
        and saga.direction == Direction.DO
        and saga.step == AUTHORIZE
        and payment.status == Payment.Status.AUTHORIZED
    )
    if not waits:
        raise NotWaiting(saga.reference)


def is_releasable(saga: Saga, payment: Payment) -> bool:
    """Return whether the order can be released for shipping."""
    try:
        check_releasable(saga, payment)
    except NotReleasable:
        return False
    return True


def check_shippable(order: Order) -> None:
    """Raise NotShippable unless a parcel can be handed over."""
    if not _waits_for_dispatch(order):
        raise NotShippable(order)
    _check_not_ending(order, order.payment)
    if not due(order):
        raise Unsendable(order, NothingDue(order.number))


def is_shippable(order: Order) -> bool:
    """Return whether a parcel can be handed over."""
    try:
        check_shippable(order)
    except NotShippable:
        return False
    return True


def may_be_called_off(order: Order) -> bool:
    """Return whether what is left is not to be sent.

    Nothing is left of the charge, or all goods are back in stock.
    """
    return _waits_for_dispatch(order) and (
        not order.payment.refundable or not due(order)
    )


def check_may_be_called_off(order: Order) -> None:
    """Raise StillPaid or NotShippable unless the parcel can be called off."""
    if not _waits_for_dispatch(order):
        raise NotShippable(order)
    if not may_be_called_off(order):
        raise StillPaid(order, order.payment.refundable)
    if not order.shipment.parcel_count:
        # Of a rest the warehouse is asked when it is called off.
        _check_not_at_warehouse(order)


def _check_not_ending(order: Order, payment: Payment) -> None:
    """Raise NotShippable if the order's parcel is not to be sent.

    What a warehouse was asked for may leave although the release was moved since.
    """
    if order.is_early and not warehouse_may_send(order.pk):
        raise NotReleased(order)
    if not payment.refundable:
        raise NothingLeft(order)
    if order.cancellations.under_way().exists():
        raise BeingCancelled(order)


def _waits_for_dispatch(order: Order) -> bool:
    return (
        order.status == Order.Status.CONFIRMED
        and order.shipment.status == Shipment.Status.REQUESTED
    )


@transaction.atomic
def ship(
    order: Order,
    *,
    carrier: str,
    tracking_number: str,
    actor: str,
    items: Sequence[Units] | None = None,
    uid: uuid.UUID | None = None,
) -> Parcel | None:
    """Record that a parcel was handed over, and queue its mail to the customer.

    It has ``items``, or everything that is left. Of an order that is picked up it is
    what its customer gets, without carrier and number. Return None if it was recorded
    before (the parcel ``uid``, or the last one of the order); nothing changes then.
    Raises NotShippable.
    """
    if order.is_pickup and (carrier or tracking_number):
        raise PickedUp(order)
    # Locked: no refund is recorded between this look at the money and the hand-over.
    payment = Payment.objects.select_for_update().get(order=order)
    if _waits_for_dispatch(order):
        _check_not_ending(order, payment)
    try:
        parcel = transitions.ship(
            order,
            carrier=carrier,
            tracking_number=tracking_number,
            actor=actor,
            items=items,
            uid=uid,
        )
    except IllegalMove as error:
        # Another member of staff may have moved it: the refusal names its state now.
        order.refresh_from_db()
        raise NotShippable(order) from error
    except ParcelRefused as error:
        raise Unsendable(order, error) from error
    if parcel:
        outbox.queue(order, MailKind.SHIPPED, str(parcel.number), parcel=parcel.pk)
        _end_request(order, actor)
        listeners.tell(order.number)
    return parcel


@transaction.atomic
def make_ready(order: Order, actor: str) -> bool:
    """Record that an order lies ready to be picked up, and queue the mail.

    Return False if it lay ready before. Raises NotShippable.
    """
    # Locked: no refund is recorded between this look at the money and the mail.
    payment = Payment.objects.select_for_update().get(order=order)
    order.payment = payment
    check_shippable(order)
    try:
        times = transitions.make_ready(order, actor)
    except IllegalMove as error:
        order.refresh_from_db()
        raise NotShippable(order) from error
    if times:
        outbox.queue(order, MailKind.PICKUP_READY, str(times))
    return bool(times)


def _end_request(order: Order, actor: str) -> None:
    """Tell the customer whose request to cancel nobody decided that it is too late."""
    wish = cancellations.overtake(order, actor)
    if wish is not None:
        outbox.queue(order, MailKind.CANCEL_REFUSED, str(wish.pk), cancellation=wish.pk)


@transaction.atomic
def call_off(
    order: Order, actor: str, reason: str, *, is_stopped: bool = False
) -> bool:
    """Record that what is left is not sent: no charge is left, or no goods.

    The goods go back into stock. If no parcel left, the customer is mailed; otherwise
    the parcels that left complete the order. Return False if it was called off before.
    ``is_stopped``: a warehouse has agreed just now to send nothing more. Raises
    NotShippable if it was sent or a warehouse may send it, and StillPaid.
    """
    payment = Payment.objects.select_for_update().get(order=order)
    # Locked before what is due is read, so that no parcel leaves meanwhile.
    shipment = Shipment.objects.select_for_update().get(order=order)
    if payment.refundable and due(order):
        raise StillPaid(order, payment.refundable)
    if shipment.parcel_count:
        if not is_stopped or has_unrecorded_parcels(order.pk):
            _check_not_at_warehouse(order)
        return _call_off_rest(order, shipment, actor, reason)
    _check_not_at_warehouse(order)
    try:
        moved = transitions.call_off(order, Order.CancelReason.REFUNDED, actor)
    except IllegalMove as error:
        order.refresh_from_db()
        raise NotShippable(order) from error
    if moved:
        put_back(order, actor)
        promotions.give_back(order.number)
        _record_call_off(order, actor, reason)
        outbox.queue(order, MailKind.CANCELLED)
    return moved


def _check_not_at_warehouse(order: Order) -> None:
    """Raise AtWarehouse if a warehouse may still send the goods: it has to agree."""
    if warehouse_may_send(order.pk):
        raise AtWarehouse(order)


def _call_off_rest(order: Order, shipment: Shipment, actor: str, reason: str) -> bool:
    if shipment.status != Shipment.Status.REQUESTED:
        name = OrderEvent.Name.SHIPMENT_CALLED_OFF
        if order.events.filter(name=name).exists():
            return False
        order.refresh_from_db()
        raise NotShippable(order)
    put_back(order, actor)
    _record_call_off(order, actor, reason)
    return transitions.finish(order, actor=actor)


def _record_call_off(order: Order, actor: str, reason: str) -> None:
    name = OrderEvent.Name.SHIPMENT_CALLED_OFF
    transitions.record_event(order.pk, name, actor=actor, reason=reason)
    listeners.tell(order.number)
