"""Asking the provider about refunds and disputes: by a worker, else by the sweeper.

Whoever plans a look sends the message for it. A message that is lost costs a pause,
one that comes twice nothing: what a look does can be repeated.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.db import transaction
from django.utils import timezone

from checkout.status.names import CHECKOUT_NAME
from orders.models import Dispute, Refund
from orders.polling import plan_look
from saga.alerting import raise_notice
from saga.enqueue import deliver
from saga.heartbeat import SILENT_AFTER, last_seen

logger = logging.getLogger(__name__)

BATCH = 100
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
# Staff are told of what the provider gave no answer about for five minutes.
TOLD_AT_LOOK = 6
# Work done here must not keep the sweeper from its other work for longer: seconds.
INLINE_AT_MOST = 10.0


@dataclass(frozen=True)
class Kind:
    """What is looked at: its rows, its task, the status of those without an answer."""

    model: type[Refund] | type[Dispute]
    task: str
    unanswered: str
    notice: str


def hand_to_worker(kind: Kind, pk: int) -> bool:
    """Send the message for one look; False when nobody took it."""
    task = current_app.signature(kind.task, args=(pk,))
    return deliver(task, f"{kind.task} {pk}")


def hand_over_on_commit(kind: Kind, pk: int) -> None:
    """Send the message for one look once the present transaction has committed."""
    transaction.on_commit(lambda: hand_to_worker(kind, pk), robust=True)


def sweep(kind: Kind, look: Callable[[int], object], now: datetime) -> int:
    """Have everything looked at that is due; return how many that was."""
    enough = time.monotonic() + INLINE_AT_MOST
    looked = 0
    for row in kind.model.objects.due(now).order_by("look_at", "pk")[:BATCH]:
        if not _plan(kind, row, now):
            continue
        looked += 1
        if _worker_is_alive(now) and hand_to_worker(kind, row.pk):
            continue
        look(row.pk)
        if time.monotonic() > enough:
            break
    return looked


@transaction.atomic
def _plan(kind: Kind, row: Refund | Dispute, now: datetime) -> bool:
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row.looks, 10))
    if not plan_look(row, now + pause):
        return False
    if row.status == kind.unanswered and row.looks + 1 == TOLD_AT_LOOK:
        raise_notice(CHECKOUT_NAME, f"{kind.notice} {row.pk}", now)
    return True


def _worker_is_alive(now: datetime) -> bool:
    seen = last_seen().get("worker")
    return seen is not None and seen >= now - SILENT_AFTER


def first_look() -> datetime:
    """Return when the sweeper looks after something whose message was just sent."""
    return timezone.now() + FIRST_PAUSE
