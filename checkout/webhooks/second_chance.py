"""Webhooks that were not taken are tried again, at the request of staff.

An event that failed is stored, and is applied from there. All others are read at the
provider: what was stored of them is not whole, or nothing was stored.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from checkout.payments.gateway import PaymentError
from checkout.webhooks.models import ProviderEvent, WebhookProblem
from checkout.webhooks.replay import Replay, replay
from checkout.webhooks.services import try_event

# A person waits for the answer.
PATIENCE = timedelta(seconds=15)
STORED_AT_MOST = 500
# https://docs.stripe.com/webhooks#retries: for so long Stripe sends a report again, so
# one that was refused today may be of an event that is this old.
_SENT_AGAIN = timedelta(days=3)
_FAILED = ProviderEvent.SetAside.FAILED


@dataclass
class SecondChance:
    """What became of the events. ``since`` is set if they were read at the provider.

    ``left``: not all were tried, because it took too long or they are too many.
    ``broken_off``: why the provider could not be asked.
    """

    done: Replay = field(default_factory=Replay)
    since: datetime | None = None
    left: bool = False
    broken_off: str = ""


class _TooLong(Exception):
    """The time that a person waits is over."""


def try_again(problems: Collection[WebhookProblem]) -> SecondChance:
    """Apply the events that were not taken because of these problems.

    Twice is once: what is applied meanwhile is not applied again.
    """
    chance = SecondChance()
    refused = [row for row in problems if row.cause != _FAILED]
    if len(refused) < len(problems):
        _try_stored(chance)
    if refused:
        chance.since = min(row.first_at for row in refused) - _SENT_AGAIN
        _read_again(chance, chance.since)
    return chance


def _try_stored(chance: SecondChance) -> None:
    rows = ProviderEvent.objects.filter(set_aside=_FAILED, applied_at=None)
    found = list(rows.order_by("received_at", "pk")[: STORED_AT_MOST + 1])
    chance.left = len(found) > STORED_AT_MOST
    for event in found[:STORED_AT_MOST]:
        chance.done.seen += 1
        again = rows.filter(pk=event.pk)
        again.update(set_aside="", tries=0, try_at=None)
        if try_event(event.pk):
            chance.done.applied += 1
            continue
        event.refresh_from_db()
        if event.applied_at is None:
            chance.done.fail(event.event_id, event.error)


def _read_again(chance: SecondChance, since: datetime) -> None:
    end = time.monotonic() + PATIENCE.total_seconds()

    def check_patience(_seen: int) -> None:
        if time.monotonic() > end:
            raise _TooLong

    try:
        replay(since, dry_run=False, on_progress=check_patience, done=chance.done)
    except _TooLong:
        chance.left = True
    except PaymentError as error:
        chance.broken_off = str(error)
