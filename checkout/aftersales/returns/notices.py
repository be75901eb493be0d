"""Alerts about returns: title and lines."""

from django.urls import reverse

from checkout.alerts.notices import Notice, key_of, next_steps
from orders.models import Return
from saga.models import Alert

REQUESTED = "return_requested"
ANCHOR = "a-customer-asks-to-return-items"


def write_requested(alert: Alert) -> Notice:
    returned = Return.objects.select_related("order").get(pk=key_of(alert))
    order = returned.order
    page = reverse("admin:orders_return_change", args=[returned.pk])
    return f"The customer asks to return items of order {order.number}", [
        f"Reason: {returned.reason}.",
        "Approve or refuse it. Nothing happens by itself.",
        *next_steps(page, ANCHOR),
    ]


WRITERS = {REQUESTED: write_requested}
