"""Alerts about cancellations: title and lines."""

from django.utils.translation import gettext

from checkout.alerts.notices import Notice, key_of, next_steps
from checkout.status.money import money_taken
from checkout.status.names import ASKED_TO_CANCEL
from orders.models import Cancellation, Order
from saga.models import Alert
from shop.web.admin_addresses import row_page

REFUSED = "cancellation_refused"
ANCHOR = "a-customer-asks-to-cancel"
REFUSED_ANCHOR = "a-cancellation-came-too-late"


def write_requested(alert: Alert) -> Notice:
    order = _cancellation(alert).order
    title = gettext("The customer asks to cancel order %(number)s")
    return title % {"number": order.number}, [
        money_taken(order),
        gettext("Accept or decline it before the parcel leaves. Nothing is automatic."),
        *_next_steps(order, ANCHOR),
    ]


def write_refused(alert: Alert) -> Notice:
    cancellation = _cancellation(alert)
    order = cancellation.order
    title = gettext("Order %(number)s was not cancelled: its parcel had left")
    decided = gettext("Decided by %(who)s. The customer was told by mail.")
    return title % {"number": order.number}, [
        decided % {"who": cancellation.decided_by},
        money_taken(order),
        gettext(
            "No money was given back by this, and no goods were put back into stock."
        ),
        *_next_steps(order, REFUSED_ANCHOR),
    ]


WRITERS = {ASKED_TO_CANCEL: write_requested, REFUSED: write_refused}


def _cancellation(alert: Alert) -> Cancellation:
    rows = Cancellation.objects.select_related("order__payment")
    return rows.get(pk=key_of(alert))


def _next_steps(order: Order, anchor: str) -> list[str]:
    return next_steps(row_page("orders_order", order.pk), anchor)
