"""What becomes of a wish to cancel an order when the checkout's saga is undone."""

from checkout.status.names import ASKED_TO_CANCEL, CANCELLATION_NAME
from orders.models import Order
from orders.transitions import cancellations
from saga.alerting import raise_notice
from saga.step import Context
from shop import database_clock


def settle_wish(context: Context, order: Order) -> Order.CancelReason:
    """Return why the order ends; settle the wish to cancel it, if there was one."""
    wish = cancellations.close_unpaid(order)
    if context.saga.reason not in Order.CancelReason.values:
        return Order.CancelReason.TECHNICAL
    reason = Order.CancelReason(context.saga.reason)
    if wish and wish.by_customer and reason == Order.CancelReason.STAFF:
        return Order.CancelReason.CUSTOMER
    return reason


def return_wish_to_staff(context: Context, order: Order) -> None:
    """Have staff decide about a wish to cancel that the payment has overtaken."""
    with context.checkpoint():
        wish = cancellations.reopen(order)
        if wish is not None:
            topic = f"{ASKED_TO_CANCEL} {wish.pk}"
            raise_notice(CANCELLATION_NAME, topic, database_clock.read())
