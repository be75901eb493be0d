"""Step 1, local: set the goods aside. Undone last, it also ends the order."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from checkout.cart import services as carts
from checkout.flow.claimed_order import order_of
from checkout.flow.holds import hold
from checkout.flow.policies import LEASE, RETRY
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.status.names import RESERVE
from inventory import services as inventory
from orders import transitions
from orders.models import Order
from saga.step import Context, Kind, Step


def reserve(context: Context) -> dict[str, Any]:
    """Set the goods aside until the customer's deadline, which is the output."""
    deadline = timezone.now() + timedelta(minutes=settings.HOLD_MINUTES)
    hold(context, deadline)
    return {"hold_until": deadline.isoformat()}


def release(context: Context) -> dict[str, Any]:
    """Undo: put the goods back, cancel the order, reopen the cart, queue the mail.

    The mail is only queued: no mail server can hold up an undo.
    """
    order = order_of(context)
    units = inventory.release(order.number)
    known = context.saga.reason in Order.CancelReason.values
    reason = context.saga.reason if known else Order.CancelReason.TECHNICAL
    transitions.cancel(order, Order.CancelReason(reason))
    # Where the payment was never begun, nothing has ended it yet.
    transitions.cancel_payment(order.payment)
    carts.reopen(order.checkout_key)
    outbox.queue(order, MailKind.CANCELLED)
    return {"returned": units}


STEP = Step(
    RESERVE,
    link="checkout.reserve_stock",
    kind=Kind.LOCAL,
    do=reserve,
    undo=release,
    retry=RETRY,
    lease=LEASE,
)
