"""How endpoints fare: a pause after failures, and an end after days of them."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from events.models import Delivery
from events.sending import LEASE
from outgoing.webhooks.models import Attempt, Endpoint
from shop.database_clock import Now

# After so many failures in a row only one message tries, after a pause that doubles.
FAILURES_IN_A_ROW = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=10)
# What the other system may ask for.
_LONGEST_WISH = timedelta(hours=1)
_GONE = 410
_WISHES = (429, 503)

_when_disabled: list[Callable[[Endpoint], None]] = []


def when_disabled(tell: Callable[[Endpoint], None]) -> None:
    """Call this when failures disable an endpoint, in that transaction."""
    if tell not in _when_disabled:
        _when_disabled.append(tell)


@transaction.atomic
def note(endpoint: Endpoint, attempt: Attempt) -> None:
    """Take down what became of an attempt."""
    if attempt.is_taken:
        _succeeded(endpoint)
    elif not attempt.is_test:
        _failed(endpoint, attempt)


def _succeeded(endpoint: Endpoint) -> None:
    mine = Endpoint.objects.filter(pk=endpoint.pk)
    mine.update(succeeded_at=Now())
    failing = mine.filter(Q(failures__gt=0) | Q(paused_until__isnull=False))
    if failing.update(failures=0, failing_since=None, paused_until=None, error=""):
        # What waits for its next try need not wait any longer. What is due sooner may
        # be on its way at this moment.
        waiting = Delivery.objects.waiting().filter(consumer=endpoint.consumer)
        waiting.filter(due_at__gt=Now(LEASE)).update(due_at=Now())


def _failed(endpoint: Endpoint, attempt: Attempt) -> None:
    mine = Endpoint.objects.active().filter(pk=endpoint.pk)
    mine.update(
        failures=F("failures") + 1,
        failing_since=Coalesce("failing_since", Now()),
        error=attempt.error,
    )
    hopeless = timedelta(days=settings.WEBHOOK_DISABLE_DAYS)
    over = Q() if attempt.status == _GONE else Q(failing_since__lte=Now(-hopeless))
    ended = mine.filter(over).update(
        state=Endpoint.State.DISABLED, ended_at=Now(), paused_until=None
    )
    if ended:
        for tell in _when_disabled:
            tell(endpoint)
        return
    failures = mine.values_list("failures", flat=True).first()
    pause = max(_pause(failures or 0), _wish(attempt))
    if pause:
        mine.update(paused_until=Now(pause))


def _pause(failures: int) -> timedelta:
    """Return how long nothing is sent after so many failures in a row."""
    if failures < FAILURES_IN_A_ROW:
        return timedelta(0)
    doubled = FIRST_PAUSE * (1 << min(failures - FAILURES_IN_A_ROW, 20))
    return min(LONGEST_PAUSE, doubled)


def _wish(attempt: Attempt) -> timedelta:
    """Return how long the other system asks to be left alone, in seconds."""
    wish = attempt.answer_headers.get("retry-after", "")
    if attempt.status not in _WISHES or not re.fullmatch(r"[0-9]{1,9}", wish):
        return timedelta(0)
    return min(_LONGEST_WISH, timedelta(seconds=int(wish)))
