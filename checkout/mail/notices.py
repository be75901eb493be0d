"""The alert about mails to customers that were given up."""

from django.conf import settings
from django.utils.translation import gettext, ngettext

from checkout.mail.models import OrderMail
from saga.alerting import NAMED_AT_MOST
from saga.models import Alert
from shop.web.admin_addresses import list_page

TOPIC = "mails_given_up"
_ANCHOR = "mails-to-customers"


def write(_alert: Alert) -> tuple[str, list[str]]:
    """Return title and lines about all mails that are given up by now."""
    mails = OrderMail.objects.filter(state=OrderMail.State.GIVEN_UP)
    count = mails.count()
    if not count:
        return gettext("Mails that were given up have been sent meanwhile"), []
    latest = mails.select_related("order").order_by("-pk")[:NAMED_AT_MOST]
    page = list_page("checkout_ordermail")
    more = gettext("... and %(count)d more")
    title = ngettext(
        "A mail to a customer was given up after days of trying",
        "%(count)d mails to customers were given up after days of trying",
        count,
    )
    return title % {"count": count}, [
        *(_describe(each) for each in latest),
        *([more % {"count": count - NAMED_AT_MOST}] if count > NAMED_AT_MOST else []),
        gettext(
            "The orders themselves are as they should be; their customers do not know."
        ),
        gettext("Look, and send again: %(url)s")
        % {"url": f"{settings.SITE_URL}{page}?state__exact=given_up"},
        gettext("What to do: %(url)s") % {"url": f"{settings.RUNBOOK_URL}#{_ANCHOR}"},
    ]


def _describe(mail: OrderMail) -> str:
    facts = {
        "kind": mail.get_kind_display(),
        "number": mail.order.number,
        "error": mail.error,
    }
    return gettext("- %(kind)s of order %(number)s: %(error)s") % facts


WRITERS = {TOPIC: write}
