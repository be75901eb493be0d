"""Telling staff of new mismatches: when, and in which words."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.reconciliation.wording import sentence
from checkout.status.names import CHECKOUT_NAME
from saga.alerting import NAMED_AT_MOST, raise_notice
from saga.models import Alert

TOPIC = "reconciliation"
_ANCHOR = "an-alert-says-that-something-does-not-agree"


def tell_of_new(run: ReconciliationRun, now: datetime) -> int:
    """Want an alert for unexplained mismatches that staff were not told of, once.

    Returns how many those are. To be called in the transaction that ends the run.
    """
    new = Mismatch.objects.unexplained().filter(told_at=None).update(told_at=now)
    if new:
        raise_notice(CHECKOUT_NAME, f"{TOPIC} {run.pk}", now)
    return new


def words(alert: Alert) -> tuple[str, list[str]]:
    """Write the alert's title and lines, about what is still unexplained."""
    told = Mismatch.objects.unexplained().filter(told_at=alert.opened_at)
    count = told.count()
    if not count:
        return "Reconciliation: what did not agree was settled meanwhile", []
    shown = [f"- {sentence(row)}" for row in told.order_by("pk")[:NAMED_AT_MOST]]
    more = count - len(shown)
    page = reverse("admin:checkout_mismatch_changelist")
    things = "thing does" if count == 1 else "things do"
    return f"Reconciliation: {count} {things} not agree", [
        *shown,
        *([f"... and {more} more"] if more else []),
        "Nothing was charged, refunded or moved because of it.",
        f"Look and settle: {settings.SITE_URL}{page}",
        f"What to do: {settings.RUNBOOK_URL}#{_ANCHOR}",
        "Look again: python manage.py reconcile_payments",
    ]


WRITERS = {TOPIC: words}
