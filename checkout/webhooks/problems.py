"""Webhooks that are not taken: counted by cause, and staff are alerted if it repeats.

Anybody may send nonsense here, so that a wrong signature alone alerts nobody while the
provider's own webhooks come in, and the count is written once a second at most.
"""

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from checkout.status.names import CHECKOUT_NAME
from checkout.webhooks import notices
from checkout.webhooks.models import ProviderEvent, WebhookProblem
from saga.alerting import raise_notice
from shop import database_clock
from shop.text.stored import storable

logger = logging.getLogger(__name__)

WRITTEN_EVERY = timedelta(seconds=1)
EPISODE = timedelta(hours=1)
ALERT_AT = 3
_Cause = WebhookProblem.Cause
SetAside = ProviderEvent.SetAside
# One is enough where something of the provider's is lost.
_AT_ONCE = (_Cause.NO_OBJECT, _Cause.UNREADABLE, _Cause.FAILED)
_LONGEST = 300


def count(cause: str, detail: str) -> None:
    """Count one webhook that was not taken, and say so in the log."""
    logger.warning("webhook not taken: %s: %s", cause, detail)
    now = database_clock.read()
    text = storable(detail, _LONGEST)
    with transaction.atomic():
        if _is_counted(cause, text, now):
            _alert(WebhookProblem.objects.get(cause=cause), now)


def lately(now: datetime) -> list[WebhookProblem]:
    """Return the problems of the last hour of which staff were alerted.

    Without those whose events were all applied meanwhile.
    """
    rows = WebhookProblem.objects.filter(alerted_at__isnull=False)
    waiting = ProviderEvent.objects.exclude(set_aside="").values("set_aside")
    is_left = ~Q(cause__in=SetAside.values) | Q(cause__in=waiting.distinct())
    return list(rows.filter(is_left, last_at__gt=now - EPISODE))


def settle_refused(since: datetime, until: datetime) -> None:
    """Take back the alert of reports that were refused between these two times.

    Call it when every event since then was read at the provider and applied. If another
    one is refused, staff are alerted at once.
    """
    refused = WebhookProblem.objects.exclude(cause__in=SetAside.values)
    within = refused.filter(first_at__gte=since, last_at__lte=until)
    within.update(alerted_at=None)


def _is_counted(cause: str, detail: str, now: datetime) -> bool:
    """Write the count. Return False if another of this second was counted."""
    rows = WebhookProblem.objects.filter(cause=cause)
    again = rows.filter(last_at__gt=now - EPISODE, last_at__lte=now - WRITTEN_EVERY)
    late = rows.filter(last_at__lte=now - EPISODE)
    if again.update(detail=detail, times=F("times") + 1, last_at=now):
        return True
    anew = {"times": 1, "first_at": now, "last_at": now, "alerted_at": None}
    if late.update(detail=detail, **anew):
        return True
    if rows.exists():
        return False
    try:
        with transaction.atomic():
            WebhookProblem.objects.create(cause=cause, detail=detail, **anew)
    except IntegrityError:
        # Another process counts the first one at this moment.
        return False
    return True


def _alert(row: WebhookProblem, now: datetime) -> None:
    """Alert staff once in an episode."""
    if row.times < (1 if row.cause in _AT_ONCE else ALERT_AT):
        return
    if row.cause == _Cause.BAD_SIGNATURE and _others_come_in(row):
        return
    mine = WebhookProblem.objects.filter(pk=row.pk, alerted_at=None)
    if mine.update(alerted_at=now):
        raise_notice(CHECKOUT_NAME, f"{notices.TOPIC} {row.pk}", now)


def _others_come_in(row: WebhookProblem) -> bool:
    return ProviderEvent.objects.filter(received_at__gte=row.first_at).exists()
