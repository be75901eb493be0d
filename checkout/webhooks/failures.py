"""Events that are not applied: why, when they are tried again, when no more."""

import logging
from datetime import timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from checkout.payments.gateway import ProviderNotice
from checkout.webhooks import problems
from checkout.webhooks.models import ProviderEvent
from shop.database_clock import Now
from shop.text.redaction import redact_text
from shop.text.stored import storable

logger = logging.getLogger(__name__)

SetAside = ProviderEvent.SetAside

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
# After ten tries, more than an hour has passed.
MOST_TRIES = 10
# Events of these kinds mean nothing without the object that they name.
# https://docs.stripe.com/api/events/types
_NEED_AN_OBJECT = ("charge.dispute.",)
# A database that is away is nobody's bad event: the caller stops.
AWAY = (OperationalError, InterfaceError)
_LONGEST = 300


def reason_to_set_aside(notice: ProviderNotice) -> str:
    """Return a SetAside if the event must not be applied, or empty."""
    if notice.unreadable:
        return SetAside.UNREADABLE
    if notice.account:
        return SetAside.OTHER_ACCOUNT
    if not notice.own_mode:
        return SetAside.OTHER_MODE
    if notice.type.startswith(_NEED_AN_OBJECT) and not notice.object_id:
        return SetAside.NO_OBJECT
    return ""


def detail_of(notice: ProviderNotice, reason: str) -> str:
    """Return what is to be known of an event that is set aside."""
    if not reason:
        return ""
    said = {
        SetAside.UNREADABLE.value: notice.unreadable,
        SetAside.OTHER_ACCOUNT.value: f"account {notice.account}",
    }
    return storable(said.get(reason, ""), _LONGEST)


@transaction.atomic
def record(event_pk: int, error: Exception) -> None:
    """Record a failed try: the next one follows after a pause, or it is set aside."""
    text = storable(redact_text(f"{type(error).__name__}: {error}"), _LONGEST)
    event = ProviderEvent.objects.get(pk=event_pk)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(event.tries, 10))
    rows = ProviderEvent.objects.waiting().filter(pk=event_pk, tries=event.tries)
    failed = rows.update(tries=F("tries") + 1, error=text, try_at=Now(pause))
    if failed and event.tries + 1 >= MOST_TRIES:
        ProviderEvent.objects.filter(pk=event_pk, applied_at=None).update(
            set_aside=SetAside.FAILED
        )
        problems.count(SetAside.FAILED, f"{event.event_id}: {text}")
