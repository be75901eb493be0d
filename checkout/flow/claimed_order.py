"""The order of a claimed saga, read once for all steps of one claim."""

from orders.models import Order, OrderLine, Payment
from saga.step import Context


def order_of(context: Context) -> Order:
    """Return the order of the claimed saga, with its payment."""
    rows = Order.objects.select_related("payment")
    return context.once("order", lambda: rows.get(number=context.reference))


def payment_of(context: Context) -> Payment:
    """Return the payment of the claimed saga's order, with the order."""
    return order_of(context).payment


def units_of(number: str) -> dict[str, int]:
    """Return SKU -> quantity of the order; an order has one line per SKU."""
    lines = OrderLine.objects.filter(order__number=number)
    return dict(lines.values_list("sku", "quantity"))
