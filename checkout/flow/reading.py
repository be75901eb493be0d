"""What the steps of one claim read once and share."""

from orders.models import Order, Payment
from saga.step import Context


def order_of(context: Context) -> Order:
    """Return the order of the claimed saga, with its payment."""
    rows = Order.objects.select_related("payment")
    return context.once("order", lambda: rows.get(number=context.reference))


def payment_of(context: Context) -> Payment:
    """Return the payment of the claimed saga's order, with the order."""
    return order_of(context).payment
