"""Step 1, local: set the goods aside. Undone last, it also ends the order."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from checkout.cart import services as carts
from checkout.flow.claimed_order import order_of
from checkout.flow.holds import hold
from checkout.flow.policies import LEASE, RETRY
from checkout.flow.wish_to_cancel import settle_wish
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.promotions import services as promotions
from checkout.status.names import RESERVE
from inventory import services as inventory
from orders import transitions
from saga.step import Context, Kind, Step


def reserve(context: Context) -> dict[str, Any]:
    """Set the goods aside until the customer's deadline, which is the output."""
    deadline = context.claimed_at + timedelta(minutes=settings.HOLD_MINUTES)
    hold(context, deadline)
    return {"hold_until": deadline.isoformat()}


def release(context: Context) -> dict[str, Any]:
    """Undo: put the goods back, cancel the order, reopen the cart, queue the mail.

    The uses of its coupon and of limits per customer are given back as well.

    The mail is only queued: no mail server can hold up an undo.
    """
    order = order_of(context)
    units = inventory.release(order.number)
    transitions.cancel(order, settle_wish(context, order))
    # Where the payment was never begun, nothing has ended it yet.
    transitions.cancel_payment(order.payment)
    promotions.give_back(order.number)
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
