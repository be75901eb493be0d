"""The periodic jobs: what the sweeper repeats."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from checkout.aftersales.disputes.services import sweep_disputes
from checkout.aftersales.refunds.services import sweep_refunds
from checkout.card_testing.services import forget_clients
from checkout.cart.models import Cart
from checkout.mail.outbox import sweep_mails
from checkout.webhooks.models import ProviderEvent
from checkout.webhooks.services import sweep_events
from inventory.services import expire_holds
from saga.bulk_resume import background
from saga.metrics import EVERY, forget_metrics, record_metrics
from saga.models import Saga
from saga.operations import resume
from saga.retention import (
    BATCH,
    BATCHES,
    forget_alerts,
    forget_attempts,
    forget_processes,
    is_due,
)
from saga.sweeper import sweep

TIDY_EVERY = timedelta(hours=1)
# The cookie that leads to a cart ends after CART_DAYS; clocks and open pages differ.
_CART_MARGIN = timedelta(days=1)


def run_once() -> dict[str, int]:
    """Run all periodic jobs that are due. Return how much each has done.

    They enqueue overdue sagas, alert, expire holds, apply webhooks, send mails, poll
    refunds and disputes, advance bulk resumes; once a minute they take metrics, once
    an hour they remove old rows. Several processes may run them at once.
    """
    close_old_connections()
    done = {
        **asdict(sweep()),
        "holds_expired": expire_holds(),
        "events_applied": sweep_events(),
        "mails_sent": sweep_mails(),
        "refunds_polled": sweep_refunds(),
        "disputes_polled": sweep_disputes(),
        "group_resumed": background.advance_all(resume_if_unchanged),
    }
    now = timezone.now()
    if is_due("metrics", EVERY, now):
        record_metrics(now)
    forgotten = sum(tidy(now).values()) if is_due("tidy", TIDY_EVERY, now) else 0
    return done | {"forgotten": forgotten}


def resume_if_unchanged(saga: Saga, actor: str, reason: str, seen: int) -> None:
    """Resume a saga of a group if it is as staff saw it. Raises ActionRefused."""
    resume(saga, actor, reason, seen=seen)


def tidy(now: datetime) -> dict[str, int]:
    """Remove a bounded number of old rows. Return how many of each kind.

    Orders, payments, movements, sagas and actions of staff are never removed.
    """
    removed = {"carts": _forget_carts(now), "clients": forget_clients(now)}
    forget_processes(now)
    forget_metrics(now)
    if settings.SAGA_HISTORY_DAYS:
        before = now - timedelta(days=settings.SAGA_HISTORY_DAYS)
        removed["attempts"] = forget_attempts(before)
        removed["alerts"] = forget_alerts(before)
        removed["events"] = _forget_events(before)
    return removed


def _forget_carts(now: datetime) -> int:
    """Remove open carts, with their addresses, whose cookies have expired."""
    before = now - timedelta(days=settings.CART_DAYS) - _CART_MARGIN
    rows = Cart.objects.filter(state=Cart.State.OPEN, updated_at__lt=before)
    pks = list(rows.order_by("updated_at").values_list("pk", flat=True)[:BATCH])
    # Filtered again: a customer may have come back since.
    return rows.filter(pk__in=pks).delete()[1].get("checkout.Cart", 0)


def _forget_events(before: datetime) -> int:
    """Remove applied webhooks received before then. Return how many, oldest first."""
    removed = 0
    for _batch in range(BATCHES):
        rows = ProviderEvent.objects.order_by("pk")
        batch = list(rows.values_list("pk", "received_at", "applied_at")[:BATCH])
        old = [pk for pk, received, applied in batch if applied and received < before]
        removed += ProviderEvent.objects.filter(pk__in=old).delete()[0]
        if len(old) < BATCH:
            break
    return removed
