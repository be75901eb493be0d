"""Alerts about new mismatches."""

from datetime import datetime

from django.utils.translation import gettext, ngettext

from checkout.alerts.notices import Notice, and_more, next_steps
from checkout.reconciliation.kinds import UNREADABLE
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.reconciliation.wording import sentence
from checkout.status.names import CHECKOUT_NAME
from saga.alerting import NAMED_AT_MOST, raise_notice
from saga.models import Alert
from shop.web.admin_addresses import list_page

TOPIC = "reconciliation"
_ANCHOR = "an-alert-says-that-something-does-not-agree"


def alert_new(run: ReconciliationRun, now: datetime) -> int:
    """Raise one alert for all unexplained mismatches without an alert so far.

    Return how many those are. Must be called in the transaction that ends the run.
    """
    new = Mismatch.objects.unexplained().filter(alerted_at=None).update(alerted_at=now)
    if new:
        raise_notice(CHECKOUT_NAME, f"{TOPIC} {run.pk}", now)
    return new


def write(alert: Alert) -> Notice:
    """Return title and lines about those that are still unexplained."""
    rows = Mismatch.objects.unexplained().filter(alerted_at=alert.opened_at)
    count = rows.count()
    if not count:
        return gettext("Reconciliation: what did not agree was settled meanwhile"), []
    unreadable = rows.filter(kind__in=UNREADABLE).count()
    shown = [f"- {sentence(row)}" for row in rows.order_by("pk")[:NAMED_AT_MOST]]
    more = count - len(shown)
    page = list_page("checkout_mismatch")
    title = _title(count - unreadable, unreadable)
    again = gettext("Look again: %(command)s")
    return gettext("Reconciliation: %(what)s") % {"what": title}, [
        *shown,
        *([and_more(more)] if more else []),
        gettext("Nothing was charged, refunded or moved because of it."),
        *next_steps(page, _ANCHOR),
        again % {"command": "python manage.py reconcile_payments"},
    ]


def _title(differing: int, unreadable: int) -> str:
    """Tell what does not agree from what could not be compared."""
    things = ngettext(
        "%(count)d thing does not agree", "%(count)d things do not agree", differing
    ) % {"count": differing}
    objects = ngettext(
        "%(count)d object at Stripe cannot be read",
        "%(count)d objects at Stripe cannot be read",
        unreadable,
    ) % {"count": unreadable}
    both = gettext("%(first)s, %(second)s") % {"first": things, "second": objects}
    return both if differing and unreadable else things if differing else objects


WRITERS = {TOPIC: write}
