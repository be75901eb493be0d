"""Reports that are not taken: counted by cause, and staff are alerted.

Anybody may send nonsense to the shop's address. So what nobody of ours signed is not
stored one by one, the count is written once a second at most, and staff are alerted
only when it repeats.
"""

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from checkout.aftersales.warehouse.models import WarehouseProblem
from checkout.status.names import CHECKOUT_NAME
from saga.alerting import raise_notice
from shop import database_clock
from shop.text.stored import storable

logger = logging.getLogger(__name__)

TOPIC = "warehouse_reports_not_taken"
WRITTEN_EVERY = timedelta(seconds=1)
EPISODE = timedelta(hours=1)
ALERT_AT = 3
_Cause = WarehouseProblem.Cause
# Anybody can cause these. All others are signed: one of them is one too many.
_OF_ANYBODY = (_Cause.BAD_SIGNATURE, _Cause.STALE_TIMESTAMP, _Cause.TOO_LARGE)
_LONGEST = 300


def count(cause: str, detail: str) -> None:
    """Count one report that was not taken, and say so in the log."""
    text = storable(detail, _LONGEST)
    logger.warning("report of the warehouse not taken: %s: %s", cause, text)
    now = database_clock.read()
    with transaction.atomic():
        if _is_counted(cause, text, now):
            _alert(WarehouseProblem.objects.get(cause=cause), now)


def _is_counted(cause: str, detail: str, now: datetime) -> bool:
    """Write the count. Return False if another of this second was counted."""
    rows = WarehouseProblem.objects.filter(cause=cause)
    again = rows.filter(last_at__gt=now - EPISODE, last_at__lte=now - WRITTEN_EVERY)
    if again.update(detail=detail, times=F("times") + 1, last_at=now):
        return True
    first = {"times": 1, "first_at": now, "last_at": now, "alerted_at": None}
    if rows.filter(last_at__lte=now - EPISODE).update(detail=detail, **first):
        return True
    if rows.exists():
        return False
    try:
        with transaction.atomic():
            WarehouseProblem.objects.create(cause=cause, detail=detail, **first)
    except IntegrityError:
        # Another process counts the first one at this moment.
        return False
    return True


def _alert(row: WarehouseProblem, now: datetime) -> None:
    """Alert staff once in an episode."""
    if row.times < (ALERT_AT if row.cause in _OF_ANYBODY else 1):
        return
    mine = WarehouseProblem.objects.filter(pk=row.pk, alerted_at=None)
    if mine.update(alerted_at=now):
        raise_notice(CHECKOUT_NAME, f"{TOPIC} {row.pk}", now)
