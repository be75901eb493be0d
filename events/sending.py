"""Hand events to consumers outside of the shop: claim, send, write down what became.

Nothing is sent within a transaction. A claim is a lease: if its process dies, the event
is sent again when it is over, so every event arrives at least once. What was claimed by
another one meanwhile is not written down any more: the fence has moved.
"""

import logging
import time
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from events.consumers import Consumer
from events.deliveries import count_failure, has_earlier, ready
from events.models import Delivery
from shop import database_clock
from shop.database_clock import Now

logger = logging.getLogger(__name__)

# Longer than any call, and than a whole batch of short ones.
LEASE = timedelta(seconds=120)
# A batch whose calls are slow ends then, in seconds: well before its lease, after which
# another process sends the rest.
AT_MOST = 30.0


class Unavailable(Exception):
    """The other system takes nothing at present. No attempt of the event counts."""


def send_batch(consumer: Consumer) -> int:
    """Claim and send what is due, as many as the consumer takes at once.

    Return how many were claimed: 0 if nothing is due. Raises Unavailable; what was not
    sent then waits as before.
    """
    enough = time.monotonic() + AT_MOST
    claimed = claim(consumer)
    sent: list[Delivery] = []
    try:
        for delivery in claimed:
            consumer.handle(delivery.event)
            sent.append(delivery)
            if time.monotonic() > enough:
                break
    except Unavailable:
        _finish(sent)
        _release(claimed[len(sent) :])
        raise
    except Exception as error:
        failed, *left = claimed[len(sent) :]
        logger.warning("%s failed on event %s", consumer.name, failed.event.uid)
        logger.debug("because of", exc_info=True)
        _finish(sent)
        count_failure(consumer, failed, error)
        _release(left)
    else:
        _finish(sent)
        _release(claimed[len(sent) :])
    return len(claimed)


def send_one(consumer: Consumer, delivery: Delivery) -> bool | None:
    """Send this one now. Return whether it was taken, or None if another one has it.

    A failure counts as an attempt, also if the other system is not there.
    """
    if not _take(consumer, delivery):
        return None
    try:
        consumer.handle(delivery.event)
    except Exception as error:
        logger.warning("%s failed on event %s", consumer.name, delivery.event.uid)
        logger.debug("because of", exc_info=True)
        count_failure(consumer, delivery, error)
        return False
    _finish([delivery])
    return True


@transaction.atomic
def claim(consumer: Consumer) -> list[Delivery]:
    """Return deliveries that only the caller may send, until the lease is over."""
    # What another thread is just claiming is passed by.
    rows = ready(consumer, database_clock.read()).select_for_update(
        skip_locked=True, of=("self",)
    )
    found = list(rows[: consumer.batch])
    return [delivery for delivery in found if _take(consumer, delivery)]


def _take(consumer: Consumer, delivery: Delivery) -> bool:
    rows = Delivery.objects.waiting().filter(pk=delivery.pk, fence=delivery.fence)
    if consumer.in_order:
        rows = rows.exclude(has_earlier())
    is_mine = bool(rows.update(fence=F("fence") + 1, due_at=Now(LEASE)))
    delivery.fence += is_mine
    return is_mine


@transaction.atomic
def _finish(sent: list[Delivery]) -> None:
    for delivery in sent:
        mine = Delivery.objects.waiting().filter(pk=delivery.pk, fence=delivery.fence)
        is_mine = mine.update(
            state=Delivery.State.DONE,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            ended_at=Now(),
            error_class="",
            error="",
        )
        if not is_mine:
            logger.info("event %s was sent twice", delivery.event.uid)


@transaction.atomic
def _release(claimed: list[Delivery]) -> None:
    for delivery in claimed:
        mine = Delivery.objects.waiting().filter(pk=delivery.pk, fence=delivery.fence)
        mine.update(fence=F("fence") + 1, due_at=Now())
