"""One reconciliation from beginning to end, on demand or by schedule.

The scheduled one runs beside the sweep in a thread of its own, so that a slow provider
delays no order. Of several sweepers one runs it. If its process dies, another starts
it again.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain

from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction

from checkout.accounting.movements import fetch_if_due
from checkout.payments.gateway import PaymentError
from checkout.reconciliation import goods, warehouse
from checkout.reconciliation.compare import GRACE, Moment
from checkout.reconciliation.kinds import UNREADABLE
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.reconciliation.notices import alert_new
from checkout.reconciliation.scan import Scan
from checkout.reconciliation.store import record, resolve_unseen, wake_behind
from saga.models import PeriodicJob
from saga.retention import is_due
from shop import database_clock
from shop.database.messages import log_failure
from shop.database_clock import Now
from shop.text.stored import storable

logger = logging.getLogger(__name__)

JOB = "reconcile payments"
CHECK_EVERY = 60.0  # seconds
SILENT_AFTER = timedelta(minutes=10)
# The pause after a run that was broken off.
RETRY_AFTER = timedelta(minutes=10)


class Stopped(Exception):
    """The process is asked to end. The next one starts the run again."""


def reconcile(
    since: datetime,
    *,
    grace: timedelta = GRACE,
    scheduled: bool = False,
    on_progress: Callable[[int], object] = lambda _done: None,
) -> ReconciliationRun:
    """Compare everything paid for since then, record mismatches and alert staff.

    It writes nothing but its own records; a scheduled one also has orders, payments,
    refunds and disputes that lag behind Stripe read again. ``on_progress`` is called
    with the number of payments compared so far, and stops the run by raising. One
    object that cannot be read is a mismatch, and the run goes on. Raises PaymentError
    when Stripe does not answer: mismatches found until then are kept, none is resolved.
    """
    now = database_clock.read()
    run = ReconciliationRun.objects.create(
        since=since, until=now, scheduled=scheduled, started_at=now, seen_at=now
    )
    moment = Moment(now, grace)
    scan = Scan(since, now, moment, lambda done: _beat(run, done, on_progress))
    try:
        own = chain(goods.findings(moment), warehouse.findings(since, moment))
        for finding in chain(own, scan.findings()):
            run.fresh += record(finding, database_clock.read())
    except BaseException as error:
        _end(run, error=storable(f"{type(error).__name__}: {error}"))
        raise
    _end(run)
    if scheduled:
        wake_behind()
    return run


def reconcile_if_due(
    now: datetime, stop: threading.Event | None = None
) -> ReconciliationRun | None:
    """Reconcile once in ``settings.RECONCILE_HOURS``. Return None if it is not due."""
    every = timedelta(hours=settings.RECONCILE_HOURS)
    if not every or not _is_mine(now, every):
        return None
    since = now - timedelta(days=settings.RECONCILE_DAYS)
    try:
        return reconcile(
            since, scheduled=True, on_progress=lambda _done: _check_stop(stop)
        )
    except Exception:
        again = database_clock.read() - every + RETRY_AFTER
        PeriodicJob.objects.filter(name=JOB).update(done_at=again)
        raise


def reconcile_in_background(stop: threading.Event) -> threading.Thread:
    """Start a thread that reconciles whenever it is due, until ``stop`` is set."""
    thread = threading.Thread(
        target=_repeat, args=(stop,), name="reconciliation", daemon=True
    )
    thread.start()
    return thread


@transaction.atomic
def _end(run: ReconciliationRun, error: str = "") -> None:
    now = database_clock.read()
    run.seen_at = now
    found = Mismatch.objects.open().filter(last_seen__gte=run.started_at)
    run.found = found.count()
    run.unreadable = found.filter(kind__in=UNREADABLE).count()
    if error:
        run.broken_at, run.error = now, error
    else:
        run.finished_at = now
        run.resolved = resolve_unseen(run, now)
    run.save()
    alert_new(run, now)


def _beat(
    run: ReconciliationRun, done: int, on_progress: Callable[[int], object]
) -> None:
    """Record that the run is alive, once for each page of Stripe's list."""
    if done != run.intents:
        run.intents = done
        rows = ReconciliationRun.objects.filter(pk=run.pk)
        rows.update(intents=done, seen_at=Now())
    on_progress(done)


def _is_mine(now: datetime, every: timedelta) -> bool:
    silent = ReconciliationRun.objects.filter(
        scheduled=True,
        finished_at=None,
        broken_at=None,
        seen_at__lt=now - SILENT_AFTER,
    )
    if silent.update(broken_at=now, error="its process ended"):
        PeriodicJob.objects.filter(name=JOB).update(done_at=now - every)
    return is_due(JOB, every, now)


def _check_stop(stop: threading.Event | None) -> None:
    if stop is not None and stop.is_set():
        raise Stopped


def _repeat(stop: threading.Event) -> None:
    jobs: dict[str, Callable[[datetime], object]] = {
        "the reconciliation": lambda now: reconcile_if_due(now, stop),
        "reading the account's movements": fetch_if_due,
    }
    while not stop.is_set():
        for what, job in jobs.items():
            _try(what, job)
        stop.wait(CHECK_EVERY)


def _try(what: str, job: Callable[[datetime], object]) -> None:
    close_old_connections()
    try:
        job(database_clock.read())
    except Stopped:
        logger.info("%s stops with its process", what)
    except PaymentError as error:
        logger.warning("%s was broken off: %s", what, error)
    except Error as error:
        log_failure(f"{what} was broken off", error)
    except Exception:
        # The thread must survive every error: nothing else would restart it.
        logger.exception("%s was broken off", what)
    finally:
        connection.close()
