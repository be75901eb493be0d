"""A customer's data, as JSON has it."""

from typing import Any

from checkout.contact.models import Enquiry
from orders.models import WISHES, Order
from shop.customers.addresses import FIELDS
from shop.customers.models import Customer

_RECIPIENT = (
    *FIELDS,
    *("delivery", "shipping_method", "pickup_place"),
    *WISHES,
)


def export_orders(customer: Customer) -> list[dict[str, Any]]:
    """Return the orders, newest first. Amounts are in minor units of the currency."""
    orders = Order.objects.filter(customer_id=customer.pk).prefetch_related("lines")
    return [_order(order) for order in orders]


def export_addresses(customer: Customer) -> list[dict[str, Any]]:
    return list(customer.addresses.values(*FIELDS))


def export_messages(customer: Customer) -> list[dict[str, Any]]:
    """Return what was written to the shop from the account's address, and answers."""
    rows = Enquiry.objects.filter(email=customer.email).prefetch_related("answers")
    return [
        {
            "written_at": row.created_at.isoformat(),
            "name": row.name,
            "order_number": row.order_number,
            "subject": row.subject,
            "text": row.text,
            "answers": [answer.text for answer in row.answers.all()],
        }
        for row in rows
    ]


def _order(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "placed_at": order.placed_at.isoformat(),
        "status": order.status,
        "email": order.email,
        "recipient": {name: getattr(order, name) for name in _RECIPIENT},
        "currency": order.currency,
        "shipping": order.shipping_minor,
        "total": order.total_minor,
        "items": [
            {
                "sku": line.sku,
                "name": line.name,
                "variant": line.variant,
                "unit_price": line.unit_minor,
                "quantity": line.quantity,
            }
            for line in order.lines.all()
        ],
    }
