"""Polling of payments, refunds and disputes at the provider.

A worker does it, or else the sweeper.

The code that plans a poll sends the message for it. A lost message costs a pause, and a
second one changes nothing: every poll can be repeated.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.db import transaction

from checkout.status.names import CHECKOUT_NAME
from orders.models import Dispute, Payment, Refund
from orders.transitions.polling import Row, plan_poll
from saga.alerting import raise_notice
from saga.enqueue import deliver
from saga.heartbeat import SILENT_AFTER, last_seen
from shop import database_clock

logger = logging.getLogger(__name__)

BATCH = 100
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
# The sixth poll comes after five minutes without an answer: then staff are alerted.
ALERT_AT_POLL = 6
# Polls made by the sweeper itself must not keep it from other work for longer: seconds.
INLINE_AT_MOST = 10.0


@dataclass(frozen=True)
class Kind:
    """What is polled: payments, refunds or disputes.

    ``unanswered`` is the status of rows about which the provider never answered,
    ``notice`` the topic of the alert about them; both are empty if there is no alert.
    """

    model: type[Payment] | type[Refund] | type[Dispute]
    task: str
    unanswered: str = ""
    notice: str = ""


def send_to_worker(kind: Kind, pk: int) -> bool:
    """Send the message for one poll. Return False if the broker did not take it."""
    task = current_app.signature(kind.task, args=(pk,))
    return deliver(task, f"{kind.task} {pk}")


def send_on_commit(kind: Kind, pk: int) -> None:
    """Send the message for one poll once the present transaction has committed."""
    transaction.on_commit(lambda: send_to_worker(kind, pk), robust=True)


def first_poll_at() -> datetime:
    """Return when the sweeper polls a row whose message was sent just now."""
    return database_clock.read() + FIRST_PAUSE


def sweep(kind: Kind, poll: Callable[[int], object], now: datetime) -> int:
    """Poll all rows that are due, and return how many those were.

    Workers do it while any is alive; otherwise ``poll`` is called here, for
    INLINE_AT_MOST seconds.
    """
    enough = time.monotonic() + INLINE_AT_MOST
    polled = 0
    for row in kind.model.objects.due(now).order_by("poll_at", "pk")[:BATCH]:
        if not _plan(kind, row, now):
            continue
        polled += 1
        if _worker_is_alive(now) and send_to_worker(kind, row.pk):
            continue
        poll(row.pk)
        if time.monotonic() > enough:
            break
    return polled


@transaction.atomic
def _plan(kind: Kind, row: Row, now: datetime) -> bool:
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row.polls, 10))
    if not plan_poll(row, now + pause):
        return False
    if row.status == kind.unanswered and row.polls + 1 == ALERT_AT_POLL:
        raise_notice(CHECKOUT_NAME, f"{kind.notice} {row.pk}", now)
    return True


def _worker_is_alive(now: datetime) -> bool:
    seen = last_seen().get("worker")
    return seen is not None and seen >= now - SILENT_AFTER
