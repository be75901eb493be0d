"""Deliveries to consumers that no longer exist: they become dead letters, told once."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from events.consumers import known_names
from events.deliveries import tell_of_dead
from events.models import Delivery
from shop.database_clock import Now

logger = logging.getLogger(__name__)

# While a new version is installed, an older process does not know its consumers.
PATIENCE = timedelta(days=1)
GONE = "ConsumerGone"


def end_orphans() -> int:
    """End what has waited for longer than a day for a consumer that there is not.

    The reason stands in the delivery, and staff are alerted once a consumer. They keep
    no event: it goes by its age (events.retention). Return how many.
    """
    waiting = Delivery.objects.due(Now(-PATIENCE)).exclude(consumer__in=known_names())
    names = list(waiting.order_by().values_list("consumer", flat=True).distinct())
    return sum(_end(name) for name in names)


@transaction.atomic
def _end(name: str) -> int:
    waiting = Delivery.objects.due(Now(-PATIENCE)).filter(consumer=name)
    first = waiting.order_by("pk").first()
    ended = waiting.update(
        state=Delivery.State.DEAD,
        fence=F("fence") + 1,
        ended_at=Now(),
        error_class=GONE,
        error=f"there is no consumer {name} any more",
    )
    # Another process may have ended them since they were looked for: it has told.
    if first is not None and ended:
        logger.warning("ended %d deliveries to %s, which is gone", ended, name)
        tell_of_dead(first)
    return ended
