"""Alerts about returns: title and lines."""

from django.utils.translation import gettext

from checkout.alerts.notices import Notice, key_of, next_steps
from orders.models import Return
from saga.models import Alert
from shop.web.admin_addresses import row_page

REQUESTED = "return_requested"
ANCHOR = "a-customer-asks-to-return-items"


def write_requested(alert: Alert) -> Notice:
    returned = Return.objects.select_related("order").get(pk=key_of(alert))
    order = returned.order
    page = row_page("orders_return", returned.pk)
    title = gettext("The customer asks to return items of order %(number)s")
    return title % {"number": order.number}, [
        gettext("Reason: %(reason)s.") % {"reason": returned.get_reason_display()},
        gettext("Approve or refuse it. Nothing is automatic."),
        *next_steps(page, ANCHOR),
    ]


WRITERS = {REQUESTED: write_requested}
