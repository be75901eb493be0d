"""Refunds by staff that leave nothing of the charge: they end the shipment as well.

Nothing may be sent that was given back. So the refund of all that is left, before
anything has left, is a decision to cancel: the same transaction begins the saga that
stops the shipment and puts the goods back. A parcel that cannot be stopped any more is
told to staff, and the refund stands.
"""

from dataclasses import replace

from django.db import transaction

from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.cancellations.services import (
    is_unsent,
    open_request,
    settled_wish,
)
from checkout.aftersales.refunds.services import request_refund
from orders.models import Order, Payment, Refund
from orders.transitions import cancellations
from orders.transitions.cancellations import Decision
from orders.transitions.refunds import RefundRequest
from saga import operations
from shop.money import Money


@transaction.atomic
def refund(order: Order, wanted: RefundRequest, *, enqueue: bool = True) -> Refund:
    """Request a refund; if it leaves nothing of an unsent order, cancel that, too.

    The same request twice is one refund. Raises what ``request_refund`` raises, and
    then changes nothing.
    """
    left = Payment.objects.select_for_update().get(order=order).refundable
    ends = ends_order(order, left, Money(wanted.amount_minor, left.currency))
    if ends:
        # All of its goods go back into stock when the shipment was stopped.
        items = [replace(item, restock=False) for item in wanted.items]
        wanted = replace(wanted, items=items)
    made = request_refund(order, wanted, enqueue=enqueue)
    if ends:
        _cancel(order, wanted, made)
    return made


def ends_order(order: Order, left: Money, amount: Money) -> bool:
    """Return whether refunding ``amount`` of what is ``left`` cancels the order."""
    if amount != left or not is_unsent(order):
        return False
    return settled_wish(order) is None


def _cancel(order: Order, wanted: RefundRequest, made: Refund) -> None:
    nothing_more = Money(0, order.currency)
    decision = Decision(wanted.actor, wanted.reason, nothing_more)
    asked = open_request(order)
    if asked is not None:
        cancellations.accept(asked, decision)
    else:
        asked, _is_new = cancellations.begin(order, wanted.uid, decision)
    cancellations.link_refund(asked, made)
    operations.start(CANCELLATION, order.number)
