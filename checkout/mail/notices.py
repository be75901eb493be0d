"""The alert about mails to customers that were given up."""

from django.conf import settings
from django.urls import reverse

from checkout.mail.models import OrderMail
from saga.alerting import NAMED_AT_MOST
from saga.models import Alert

TOPIC = "mails_given_up"
_ANCHOR = "mails-to-customers"


def write(_alert: Alert) -> tuple[str, list[str]]:
    """Return title and lines about all mails that are given up by now."""
    mails = OrderMail.objects.filter(state=OrderMail.State.GIVEN_UP)
    count = mails.count()
    if not count:
        return "Mails that were given up have been sent meanwhile", []
    latest = mails.select_related("order").order_by("-pk")[:NAMED_AT_MOST]
    page = reverse("admin:checkout_ordermail_changelist")
    title = (
        "A mail to a customer was" if count == 1 else f"{count} mails to customers were"
    )
    return f"{title} given up after days of trying", [
        *(f"- {mail} of order {mail.order.number}: {mail.error}" for mail in latest),
        *([f"... and {count - NAMED_AT_MOST} more"] if count > NAMED_AT_MOST else []),
        "The orders themselves are as they should be; their customers do not know.",
        f"Look, and send again: {settings.SITE_URL}{page}?state__exact=given_up",
        f"What to do: {settings.RUNBOOK_URL}#{_ANCHOR}",
    ]


WRITERS = {TOPIC: write}
