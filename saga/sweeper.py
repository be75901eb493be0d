"""Find overdue sagas and enqueue them again. Needs no broker; several may run.

The sweeper claims nothing in its own name: it relaunches sagas, and if no worker can be
reached it runs them itself, under the same claims as any worker.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from saga import transitions
from saga.alerting import alert_staff
from saga.changes import EXPECTED_WITHIN
from saga.compensation import advance_joining
from saga.engine import run
from saga.enqueue import publish
from saga.errors import LostClaim, UnknownDefinition
from saga.execution import Execution
from saga.log_context import about
from saga.models import Saga, State
from saga.resolve import resolve
from saga.versions import hold_back
from shop import database_clock

logger = logging.getLogger(__name__)

BATCH = 200
RELAUNCH_AFTER = 2 * EXPECTED_WITHIN
LONGEST_PAUSE = timedelta(minutes=5)
# If a saga was sent so often and never claimed, no worker can be reached, or none has
# noticed yet that the broker is back. Then the sweeper runs the saga.
RELAUNCHES_BEFORE_INLINE = 1
# Seconds of work in one sweep, so that alerts and everything else need not wait.
INLINE_AT_MOST = 10.0


@dataclass
class Sweep:
    """How much one sweep did."""

    relaunched: int = 0
    inline: int = 0
    lost: int = 0
    alerted: int = 0
    held_back: int = 0


def sweep(now: datetime | None = None) -> Sweep:
    """Enqueue overdue sagas again and deliver alerts, once. Return the counts."""
    now = now or database_clock.read()
    done = Sweep()
    done.alerted = alert_staff(now)
    overdue = Saga.objects.live().filter(sweep_at__lte=now).order_by("sweep_at")
    enough = time.monotonic() + INLINE_AT_MOST
    for saga in list(overdue[:BATCH]):
        with about(saga):
            _sweep_one(saga, now, done)
        if time.monotonic() > enough:
            break
    return done


def _sweep_one(saga: Saga, now: datetime, done: Sweep) -> None:
    try:
        execution = resolve(saga)
    except UnknownDefinition as error:
        hold_back(saga, error)
        done.held_back += 1
        return
    if saga.claimed_by and saga.due_at <= now:
        done.lost += _count_lost(execution, now)
        saga.relaunches = 0
    pause = min(LONGEST_PAUSE, RELAUNCH_AFTER * 2 ** min(saga.relaunches, 10))
    # Conditional on what was read: of several sweepers one relaunches, and what has
    # moved on since is left alone.
    mine = (
        Saga.objects.live()
        .filter(pk=saga.pk, fence=saga.fence, sweep_at__lte=now)
        .update(sweep_at=now + pause, relaunches=F("relaunches") + 1)
    )
    # A wait whose time is up runs again; the step decides what that means.
    Saga.objects.filter(
        pk=saga.pk, fence=saga.fence, state=State.WAITING, due_at__lte=now
    ).update(state=State.RUNNING)
    if not mine:
        return
    saga.refresh_from_db()
    if saga.state == State.JOINING:
        _advance(saga, done)
        return
    if saga.relaunches <= RELAUNCHES_BEFORE_INLINE and publish(saga):
        done.relaunched += 1
        return
    logger.info("%s runs here: no worker could be reached", saga)
    done.inline += 1
    run(saga.pk)


def _advance(saga: Saga, done: Sweep) -> None:
    try:
        done.relaunched += advance_joining(saga)
    except UnknownDefinition as error:
        # Of a child, or of a Map that this code has no more.
        hold_back(saga, error)
        done.held_back += 1


def _count_lost(execution: Execution, now: datetime) -> int:
    try:
        with transaction.atomic():
            transitions.count_lost(execution, now)
    except LostClaim as error:
        logger.warning("%s", error)
        return 0
    return 1
