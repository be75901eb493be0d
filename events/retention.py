"""Old events go, when nothing is to be delivered of them any more."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from events.consumers import known_names
from events.models import Delivery, Event

BATCH = 1_000
BATCHES = 10


def forget_events(before: datetime) -> int:
    """Remove a bounded number of events from before then. Return how many.

    An event whose delivery waits, or is a dead letter, stays; a dead letter of a
    consumer that no longer exists keeps nothing. The newest event of each subject stays
    as well: the next one is numbered by it.
    """
    forgotten, since, known = 0, None, known_names()
    for _batch in range(BATCHES):
        # What stays is read once, and not again for each batch behind it.
        batch, since = _remove(before, since, known)
        forgotten += batch
        if batch < BATCH:
            break
    return forgotten


@transaction.atomic
def _remove(
    before: datetime, since: datetime | None, known: set[str]
) -> tuple[int, datetime | None]:
    """Remove a batch. Return how many, and how old the youngest of them was."""
    waits = Q(state=Delivery.State.WAITING) | Q(consumer__in=known)
    open_ones = Delivery.objects.open().filter(waits, event=OuterRef("pk"))
    later = Event.objects.filter(
        subject=OuterRef("subject"), sequence__gt=OuterRef("sequence")
    )
    old = Event.objects.filter(~Exists(open_ones), Exists(later))
    old = old.filter(occurred_at__lt=before)
    if since is not None:
        old = old.filter(occurred_at__gte=since)
    rows = list(old.order_by("occurred_at").values_list("pk", "occurred_at")[:BATCH])
    keys = [key for key, _time in rows]
    Delivery.objects.filter(event__in=keys).delete()
    removed = Event.objects.filter(pk__in=keys).delete()[0]
    return removed, rows[-1][1] if rows else since
