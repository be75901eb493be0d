"""Hand events to their consumers, and again after a failure."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from events.consumers import FIRST_PAUSE, Consumer, all_consumers
from events.models import Delivery, DeliveryQuerySet
from shop import database_clock
from shop.database_clock import Now
from shop.text.redaction import redact_text
from shop.text.stored import storable

logger = logging.getLogger(__name__)

BATCH = 200
# So many are delivered in one transaction, for so many seconds at most.
GROUP = 50
AT_MOST = 0.2
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
    """Deliver what is due, to every consumer inside of the shop. Return how many.

    What goes outside is sent by events.sending, in threads of its own.
    """
    inside = [each for each in all_consumers() if not each.is_outside]
    return sum(deliver_to(consumer, most) for consumer in inside)


def deliver_to(consumer: Consumer, most: int = BATCH) -> int:
    """Deliver what is due to this consumer. Return how many succeeded.

    If some did, what became a dead letter while the consumer was down is tried again.
    """
    delivered = _deliver_to(consumer, most)
    if delivered:
        revive(consumer)
    return delivered


def revive(consumer: Consumer) -> int:
    """Try again, once each, the dead letters of a time at which nothing got through.

    So a consumer that was down for a day catches up without a person. Return how many.
    """
    # Not what has just failed in the turn that others got through.
    rows = Delivery.objects.dead().filter(
        consumer=consumer.name, is_outage=True, ended_at__lt=Now(-FIRST_PAUSE)
    )
    return _try_again(rows, consumer.attempts - 1)


def _deliver_to(consumer: Consumer, most: int) -> int:
    """Deliver in groups. Return how many succeeded.

    Several processes may do so at once: of each delivery, one gets it. Events are
    handed over in groups of one transaction. If one of a group fails, the transaction
    is rolled back, and all of them are handed over one by one: so a poisonous event
    holds up no other.
    """
    delivered = failed = 0
    while delivered < most and failed < FAILURES_IN_A_ROW:
        # Outside of a transaction, which would lock all of SQLite.
        if not is_ready(consumer):
            break
        group = _Group(consumer, min(GROUP, most - delivered))
        done = group.deliver()
        delivered += done
        if not group.failed:
            if not done:
                break
            failed = 0
            continue
        for delivery in group.failed:
            outcome = try_once(consumer, delivery)
            if outcome is None:
                continue
            delivered += outcome
            failed = 0 if outcome else failed + 1
            if failed >= FAILURES_IN_A_ROW:
                break
    return delivered


class _Group:
    """Some deliveries of one consumer that are made in one transaction."""

    def __init__(self, consumer: Consumer, most: int) -> None:
        self._consumer = consumer
        self._most = most
        # What has to be handed over one by one, because this failed for all.
        self.failed: list[Delivery] = []

    def deliver(self) -> int:
        """Return how many were delivered: none if one of them failed."""
        consumer, mine = self._consumer, list[Delivery]()
        try:
            with transaction.atomic():
                rows = ready(consumer, Now()).select_for_update(
                    skip_locked=True, of=("self",)
                )
                mine = list(rows[: self._most])
                handed = self._hand_over(mine)
                if _mark(handed, consumer) != len(handed):
                    logger.info("another process delivers to %s", consumer.name)
                    transaction.set_rollback(True)
                    return 0
        except Exception:
            if not mine:
                # Nothing to hand over one by one: the database is at fault.
                raise
            # Raised again by the one that fails.
            logger.info("a group of events for %s failed", consumer.name)
            self.failed = mine
            return 0
        return len(handed)

    def _hand_over(self, mine: list[Delivery]) -> list[Delivery]:
        """Return those that were handed over: for a moment's time at most."""
        consumer = self._consumer
        if consumer.handle_all is not None:
            consumer.handle_all([delivery.event for delivery in mine])
            return mine
        enough = time.monotonic() + AT_MOST
        for number, delivery in enumerate(mine, start=1):
            consumer.handle(delivery.event)
            if time.monotonic() > enough:
                return mine[:number]
        return mine


def ready(consumer: Consumer, now: database_clock.Time) -> QuerySet[Delivery]:
    """Return what can be delivered to this consumer now, what is due longest first.

    That is the order of an index. Any other, or none, or a join, lets PostgreSQL read
    all deliveries as soon as another consumer has a backlog: it guesses that the first
    one that fits comes soon.
    """
    rows = Delivery.objects.due(now).filter(consumer=consumer.name)
    if consumer.in_order:
        # Only the first of each subject: what follows is ready when that is done.
        rows = rows.exclude(has_earlier())
    return rows.prefetch_related("event").order_by("due_at", "event_id")


def is_ready(consumer: Consumer) -> bool:
    """Return whether something can be delivered to this consumer now."""
    return bool(ready(consumer, Now()).values_list("pk")[:1])


def has_earlier() -> Exists:
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
            if not _mark([delivery], consumer):
                return None
            consumer.handle(delivery.event)
    except Exception as error:
        logger.exception("%s failed on event %s", consumer.name, delivery.event.uid)
        count_failure(consumer, delivery, error)
        return False
    return True


def _mark(deliveries: Sequence[Delivery], consumer: Consumer) -> int:
    """Mark them as done. Return how many nobody else had taken."""
    mine = Q()
    for fence in {delivery.fence for delivery in deliveries}:
        keys = [each.pk for each in deliveries if each.fence == fence]
        mine |= Q(pk__in=keys, fence=fence)
    if not mine:
        return 0
    rows = Delivery.objects.waiting().filter(mine)
    if consumer.in_order:
        rows = rows.exclude(has_earlier())
    return rows.update(
        state=Delivery.State.DONE,
        fence=F("fence") + 1,
        attempts=F("attempts") + 1,
        ended_at=Now(),
        error_class="",
        error="",
    )


@transaction.atomic
def count_failure(consumer: Consumer, delivery: Delivery, error: Exception) -> None:
    """Let it be tried again after a pause, or make it a dead letter."""
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
        is_outage=is_dead and not _has_got_later(delivery),
    )
    if counted and is_dead:
        tell_of_dead(delivery)


def tell_of_dead(delivery: Delivery) -> None:
    """Call what ``when_dead`` was given, for a new dead letter."""
    for tell in _when_dead:
        tell(delivery)


def _has_got_later(delivery: Delivery) -> bool:
    """Return whether a later event got through: then only this one is poisonous."""
    later = Delivery.objects.filter(
        consumer=delivery.consumer,
        event__gt=delivery.event_id,
        state=Delivery.State.DONE,
    )
    return later.exists()


def retry(deliveries: Iterable[Delivery], attempts: int = 0) -> int:
    """Let these dead letters be tried again, with all their attempts. Return how many.

    Those that are no dead letters any more are left alone. ``attempts`` count as made.
    """
    keys = [delivery.pk for delivery in deliveries]
    return _try_again(Delivery.objects.dead().filter(pk__in=keys), attempts)


def _try_again(dead: DeliveryQuerySet, attempts: int) -> int:
    return dead.update(
        state=Delivery.State.WAITING,
        fence=F("fence") + 1,
        attempts=attempts,
        due_at=Now(),
        ended_at=None,
        is_outage=False,
    )
