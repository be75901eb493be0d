"""Alerts about new mismatches."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from checkout.alerts.notices import Notice
from checkout.reconciliation.kinds import UNREADABLE
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.reconciliation.wording import sentence
from checkout.status.names import CHECKOUT_NAME
from saga.alerting import NAMED_AT_MOST, raise_notice
from saga.models import Alert

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
        return "Reconciliation: what did not agree was settled meanwhile", []
    unreadable = rows.filter(kind__in=UNREADABLE).count()
    shown = [f"- {sentence(row)}" for row in rows.order_by("pk")[:NAMED_AT_MOST]]
    more = count - len(shown)
    page = reverse("admin:checkout_mismatch_changelist")
    title = _title(count - unreadable, unreadable)
    return f"Reconciliation: {title}", [
        *shown,
        *([f"... and {more} more"] if more else []),
        "Nothing was charged, refunded or moved because of it.",
        f"Look and settle: {settings.SITE_URL}{page}",
        f"What to do: {settings.RUNBOOK_URL}#{_ANCHOR}",
        "Look again: python manage.py reconcile_payments",
    ]


def _title(differing: int, unreadable: int) -> str:
    """Tell what does not agree from what could not be compared."""
    things = "thing does" if differing == 1 else "things do"
    objects = "object" if unreadable == 1 else "objects"
    parts = [
        f"{differing} {things} not agree" if differing else "",
        f"{unreadable} {objects} at Stripe cannot be read" if unreadable else "",
    ]
    return ", ".join(filter(None, parts))


WRITERS = {TOPIC: write}
