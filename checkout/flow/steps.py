"""The saga's local steps and the mail: what each does, and how it is undone.

Steps are given an order's number and read all else from the database.
"""

from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.utils import timezone

from checkout.cart import services as carts
from checkout.flow.reading import order_of
from checkout.mail import messages, outbox
from checkout.mail.models import MailKind
from inventory import services as inventory
from inventory.errors import HoldLost, OutOfStock
from orders import transitions
from orders.models import Order, OrderEvent, OrderLine
from saga.errors import Abort, ManualIntervention, Retry
from saga.step import Context

# The hold outlives the customer's deadline by this much, so that a card accepted in
# the last second still finds its goods.
HOLD_MARGIN = timedelta(minutes=5)


def reserve_stock(context: Context) -> dict[str, Any]:
    units = units_of(context.reference)
    deadline = timezone.now() + timedelta(minutes=settings.HOLD_MINUTES)
    try:
        inventory.reserve(context.reference, units, deadline + HOLD_MARGIN)
    except OutOfStock as error:
        raise Abort(str(error), Order.CancelReason.OUT_OF_STOCK) from error
    return {"hold_until": deadline.isoformat()}


def return_stock(context: Context) -> dict[str, Any]:
    """Put the goods back, end the order, give the customer the cart again, and say so.

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


def pin_hold(context: Context) -> None:
    """Make sure of the goods before any money moves; take them anew if they lapsed."""
    number = context.reference
    try:
        inventory.pin(number)
    except HoldLost:
        try:
            inventory.reserve(number, units_of(number), expires_at=None)
        except OutOfStock as error:
            raise Abort(str(error), Order.CancelReason.OUT_OF_STOCK) from error


def fulfil_order(context: Context) -> dict[str, Any]:
    """The goods leave the shelf, the order is ours to deliver, the cart is closed."""
    order = order_of(context)
    try:
        moved = inventory.ship_out(order.number)
    except HoldLost:
        moved = _take_again(order)
    transitions.confirm(order)
    carts.close(order.checkout_key)
    return {"moved": moved}


def send_confirmation(context: Context) -> None:
    order = order_of(context)
    if order.events.filter(name=OrderEvent.Name.CONFIRMATION_SENT).exists():
        return
    to = context.input("email", order.email)
    try:
        messages.send_confirmation(order, to)
    except SMTPRecipientsRefused as error:
        # The server works, it does not like this address; greylisting passes.
        message = f"the mail server refuses {to}: {error.recipients}"
        raise Retry(message, answered=True) from error
    except (SMTPException, OSError) as error:
        message = f"the mail to {to} could not be handed over: {error}"
        raise Retry(message) from error


def record_confirmation(context: Context, _result: None) -> None:
    order = order_of(context)
    transitions.record_event(order.pk, OrderEvent.Name.CONFIRMATION_SENT)


def _take_again(order: Order) -> int:
    """The hold of a paid order is gone, by hand: look whether the goods still are."""
    try:
        inventory.reserve(order.number, units_of(order.number), expires_at=None)
    except OutOfStock as error:
        message = f"paid, but the goods are gone: {error}"
        raise ManualIntervention(message) from error
    return inventory.ship_out(order.number)


def units_of(number: str) -> dict[str, int]:
    """Return SKU -> quantity; an order has one line per SKU."""
    lines = OrderLine.objects.filter(order__number=number)
    return dict(lines.values_list("sku", "quantity"))
