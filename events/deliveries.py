"""Hand events to their consumers, and again after a failure."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from events.consumers import Consumer, all_consumers
from events.models import Delivery
from shop import database_clock
from shop.database_clock import Now
from shop.redaction import redact_text
from shop.stored_text import storable

logger = logging.getLogger(__name__)

BATCH = 200
# A consumer that fails so often in a row is left alone until the next turn, so that a
# dead service does not keep the others waiting.
FAILURES_IN_A_ROW = 5
_LONGEST_ERROR = 2000

_when_dead: list[Callable[[Delivery], None]] = []


def when_dead(tell: Callable[[Delivery], None]) -> None:
    """Call this for each new dead letter, in the transaction that makes it one."""
    if tell not in _when_dead:
        _when_dead.append(tell)


def deliver_due(most: int = BATCH) -> int:
    """Deliver what is due, to every consumer. Return how many deliveries succeeded."""
    return sum(deliver_to(consumer, most) for consumer in all_consumers())


def deliver_to(consumer: Consumer, most: int = BATCH) -> int:
    """Deliver what is due to this consumer, oldest first. Return how many succeeded.

    Several processes may do so at once: of each delivery, one gets it.
    """
    now = database_clock.read()
    delivered = failed = 0
    for delivery in list(_ready(consumer, now)[:most]):
        outcome = try_once(consumer, delivery)
        if outcome is None:
            continue
        delivered += outcome
        failed = 0 if outcome else failed + 1
        if failed >= FAILURES_IN_A_ROW:
            break
    return delivered


def _ready(consumer: Consumer, now: datetime) -> QuerySet[Delivery]:
    rows = Delivery.objects.due(now).filter(consumer=consumer.name)
    if consumer.in_order:
        # Only the first of each subject: what follows is ready when that is done.
        rows = rows.exclude(_has_earlier())
    return rows.select_related("event").order_by("event_id")


def _has_earlier() -> Exists:
    """Return whether an earlier event of the subject has not been delivered."""
    mine = Delivery.objects.open().filter(
        consumer=OuterRef("consumer"),
        subject=OuterRef("subject"),
        event__lt=OuterRef("event"),
    )
    return Exists(mine)


def try_once(consumer: Consumer, delivery: Delivery) -> bool | None:
    """Hand it over. Return whether that succeeded, or None if another one has it.

    The mark and what the consumer writes are one transaction. A failure is counted
    after it, in one of its own.
    """
    try:
        with transaction.atomic():
            if not _mark(delivery, consumer):
                return None
            consumer.handle(delivery.event)
    except Exception as error:
        logger.exception("%s failed on event %s", consumer.name, delivery.event.uid)
        _count_failure(consumer, delivery, error)
        return False
    return True


def _mark(delivery: Delivery, consumer: Consumer) -> bool:
    rows = Delivery.objects.waiting().filter(pk=delivery.pk, fence=delivery.fence)
    if consumer.in_order:
        rows = rows.exclude(_has_earlier())
    return bool(
        rows.update(
            state=Delivery.State.DONE,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            ended_at=Now(),
            error_class="",
            error="",
        )
    )


@transaction.atomic
def _count_failure(consumer: Consumer, delivery: Delivery, error: Exception) -> None:
    attempts = delivery.attempts + 1
    is_dead = attempts >= consumer.attempts
    # Guarded by the fence: another process may have delivered it meanwhile.
    mine = Delivery.objects.waiting().filter(pk=delivery.pk, fence=delivery.fence)
    counted = mine.update(
        state=Delivery.State.DEAD if is_dead else Delivery.State.WAITING,
        fence=F("fence") + 1,
        attempts=attempts,
        due_at=Now(consumer.pause(attempts)),
        ended_at=Now() if is_dead else None,
        error_class=type(error).__name__[:200],
        error=storable(redact_text(str(error)), _LONGEST_ERROR),
    )
    if counted and is_dead:
        for tell in _when_dead:
            tell(delivery)


def retry(deliveries: Iterable[Delivery]) -> int:
    """Let these dead letters be tried again, with all their attempts. Return how many.

    Those that are no dead letters any more are left alone.
    """
    keys = [delivery.pk for delivery in deliveries]
    return (
        Delivery.objects.dead()
        .filter(pk__in=keys)
        .update(
            state=Delivery.State.WAITING,
            fence=F("fence") + 1,
            attempts=0,
            due_at=Now(),
            ended_at=None,
        )
    )
