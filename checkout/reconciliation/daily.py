"""The reconciliation that nobody has to think of.

It runs beside the sweep, in a thread of its own: a provider that answers slowly keeps
no order waiting. Of several sweepers one does it. One that died is begun anew.
"""

import logging
import threading
from datetime import datetime, timedelta

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from checkout.payments.gateway import PaymentError
from checkout.reconciliation.models import ReconciliationRun
from checkout.reconciliation.run import reconcile
from saga.models import PeriodicJob
from saga.retention import is_due

logger = logging.getLogger(__name__)

CHORE = "reconcile payments"
LOOK_EVERY = 60.0  # seconds
SILENT_AFTER = timedelta(minutes=10)
# After a run that was broken off.
AGAIN_AFTER = timedelta(minutes=10)


class Ended(Exception):
    """The process is asked to end; the run is begun anew by the next one."""


def reconcile_if_due(
    now: datetime, ended: threading.Event | None = None
) -> ReconciliationRun | None:
    """Reconcile once in ``settings.RECONCILE_HOURS``; None when it is not time yet."""
    every = timedelta(hours=settings.RECONCILE_HOURS)
    if not every or not _is_mine(now, every):
        return None
    since = now - timedelta(days=settings.RECONCILE_DAYS)
    try:
        return reconcile(since, scheduled=True, told=lambda _done: _go_on(ended))
    except Exception:
        again = timezone.now() - every + AGAIN_AFTER
        PeriodicJob.objects.filter(name=CHORE).update(done_at=again)
        raise


def reconcile_in_background(ended: threading.Event) -> threading.Thread:
    """Look from a thread whether it is time, until ``ended``."""
    thread = threading.Thread(
        target=_repeat, args=(ended,), name="reconciliation", daemon=True
    )
    thread.start()
    return thread


def _is_mine(now: datetime, every: timedelta) -> bool:
    silent = ReconciliationRun.objects.filter(
        scheduled=True,
        finished_at=None,
        broken_at=None,
        seen_at__lt=now - SILENT_AFTER,
    )
    if silent.update(broken_at=now, error="its process ended"):
        PeriodicJob.objects.filter(name=CHORE).update(done_at=now - every)
    return is_due(CHORE, every, now)


def _go_on(ended: threading.Event | None) -> None:
    if ended is not None and ended.is_set():
        raise Ended


def _repeat(ended: threading.Event) -> None:
    while not ended.is_set():
        close_old_connections()
        try:
            reconcile_if_due(timezone.now(), ended)
        except Ended:
            logger.info("the reconciliation stops with its process")
        except PaymentError as error:
            logger.warning("the reconciliation was broken off: %s", error)
        except Exception:
            # The thread must outlast everything: nobody would notice that it is gone.
            logger.exception("the reconciliation was broken off")
        finally:
            connection.close()
        ended.wait(LOOK_EVERY)
