"""Dispatch by staff: release an order for shipping, hand its parcel over."""

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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
    """Raise NotShippable unless the parcel can be handed over."""
    if not is_shippable(order):
        raise NotShippable(order)


def is_shippable(order: Order) -> bool:
    """Return whether the parcel can be handed over."""
    return (
        order.status == Order.Status.CONFIRMED
        and order.shipment.status == Shipment.Status.REQUESTED
    )


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
        # Another member of staff may have moved it: the refusal names its state now.
        order.refresh_from_db()
        raise NotShippable(order) from error
    if moved:
        outbox.queue(order, MailKind.SHIPPED)
    return moved


class NotReleasable(Exception):
    """Base of the refusals to release an order for shipping. Nothing was changed.

    ``sentence`` tells staff why, without the order's number.
    """

    sentence: str | Promise

    def __init__(self, number: str) -> None:
        super().__init__(f"{number}: {self.sentence}")
        self.number = number


class ChargedAtOnce(NotReleasable):
    """The order is charged without waiting for its shipment."""

    sentence = _("It is charged at once: there is nothing to release.")


class NotWaiting(NotReleasable):
    """The order's saga does not wait for the shipment: not yet, or not any more."""

    sentence = _("It does not wait for its shipment.")


class NotShippable(Exception):
    """The order is not paid yet, was cancelled, was shipped, or goods are missing.

    ``state`` is the status that forbids it, of the order or of its shipment;
    ``sentence`` tells staff the same in their language.
    """

    def __init__(self, order: Order) -> None:
        row = order.shipment if order.status == Order.Status.CONFIRMED else order
        self.number, self.state = order.number, row.status
        self.sentence = gettext("%(number)s cannot be shipped. It is: %(state)s.") % {
            "number": order.number,
            "state": row.get_status_display(),
        }
        super().__init__(f"{self.number} is {self.state}: it cannot be shipped")
