"""Dispatch by staff: release an order for shipping, hand its parcel over."""

from django.db import transaction
from django.utils.translation import gettext

from checkout.flow.definition import CHECKOUT
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.status.names import AUTHORIZE
from checkout.status.sagas import saga_of
from orders import transitions
from orders.errors import IllegalMove
from orders.models import Order, Payment, Shipment
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
    refusal = why_not_releasable(saga_of(order), Payment.objects.get(order=order))
    if refusal:
        raise NotReleasable(order, refusal)
    return transitions.release(order, actor)


def why_not_releasable(saga: Saga, payment: Payment) -> str:
    """Return why the order cannot be released for shipping, or "" if it can."""
    if payment.capture != Payment.Capture.SHIPMENT:
        return gettext("It is charged at once: there is nothing to release.")
    waits = (
        saga.state in LIVE
        and saga.direction == Direction.DO
        and saga.step == AUTHORIZE
        and payment.status == Payment.Status.AUTHORIZED
    )
    return "" if waits else gettext("It does not wait for its shipment.")


def why_not_shippable(order: Order) -> str:
    """Return why the parcel cannot be handed over, or "" if it can."""
    values = {"number": order.number}
    if order.status != Order.Status.CONFIRMED:
        values["state"] = order.get_status_display()
    elif order.shipment.status != Shipment.Status.REQUESTED:
        values["state"] = order.shipment.get_status_display()
    else:
        return ""
    return gettext("%(number)s cannot be shipped. It is: %(state)s.") % values


@transaction.atomic
def ship(order: Order, *, carrier: str, tracking_number: str, actor: str) -> bool:
    """Record that the parcel was handed over, and queue the mail to the customer.

    Return False if it was recorded before; nothing changes then. Raises NotShippable.
    """
    try:
        moved = transitions.ship(
            order, carrier=carrier, tracking_number=tracking_number, actor=actor
        )
    except IllegalMove as error:
        raise NotShippable(order) from error
    if moved:
        outbox.queue(order, MailKind.SHIPPED)
    return moved


class NotReleasable(Exception):
    """Staff cannot release the order for shipping. ``why`` is a translated sentence."""

    def __init__(self, order: Order, why: str) -> None:
        super().__init__(f"{order.number}: {why}")
        self.order = order
        self.why = why


class NotShippable(Exception):
    """The order is not paid yet, was cancelled, or goods of it are missing."""

    def __init__(self, order: Order) -> None:
        paid = order.status == Order.Status.CONFIRMED
        state = order.shipment.status if paid else order.status
        super().__init__(f"{order.number} is {state}: it cannot be shipped")
        self.order = order
