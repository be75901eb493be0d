"""A customer's orders, each with how it stands in a word."""

from dataclasses import dataclass
from typing import Literal

from django.core.paginator import Page, Paginator

from checkout.status.outcomes import money_of
from checkout.status.progress import NEEDS_CUSTOMER, progress_of
from orders.models import Order, OrderLine, Shipment
from shop.customers.models import Customer

PER_PAGE = 10
SHOWN = 4  # lines of an order

Standing = Literal[
    "processing",
    "needs_you",
    "preparing",
    "ready",
    "partly_sent",
    "sent",
    "picked_up",
    "not_sent",
    "cancelled",
]


@dataclass(frozen=True)
class OrderRow:
    """An order in the list. ``lines`` are the goods, as they were ordered."""

    order: Order
    standing: Standing
    lines: tuple[OrderLine, ...]

    @property
    def more(self) -> int:
        """Return how many lines the list leaves out."""
        return max(0, len(self.lines) - SHOWN)


def orders_page(
    customer: Customer, number: str
) -> tuple["Page[Order]", list[OrderRow]]:
    """Return a page of the customer's orders, newest first, and its rows.

    The nearest page, if there is none of this number.
    """
    rows = Order.objects.filter(customer_id=customer.pk).order_by("-placed_at", "-pk")
    rows = rows.select_related("payment", "shipment").prefetch_related("lines")
    page = Paginator(rows, PER_PAGE).get_page(number)
    return page, [_row(order) for order in page]


def _row(order: Order) -> OrderRow:
    return OrderRow(order, standing_of(order), tuple(order.lines.all()))


def standing_of(order: Order) -> Standing:
    """Return how the order stands; only one that is being processed costs queries."""
    if order.status == Order.Status.CANCELLED:
        return "cancelled"
    if order.status == Order.Status.PENDING:
        asks = progress_of(order).outcome in NEEDS_CUSTOMER
        return "needs_you" if asks else "processing"
    shipment: Shipment | None = getattr(order, "shipment", None)
    if shipment and shipment.is_partly_shipped:
        return "partly_sent"
    if order.status == Order.Status.SHIPPED:
        return "picked_up" if order.is_pickup else "sent"
    if money_of(order.payment) == "returned":
        return "not_sent"
    return "ready" if shipment and shipment.pickup_ready_at else "preparing"
