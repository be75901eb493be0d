"""Old events go, when nothing is to be delivered of them any more."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from events.models import Delivery, Event

BATCH = 1_000
BATCHES = 10


def forget_events(before: datetime) -> int:
    """Remove a bounded number of events from before then. Return how many.

    An event whose delivery waits, or is a dead letter, stays. The newest event of each
    subject stays as well: the next one is numbered by it.
    """
    forgotten = 0
    for _batch in range(BATCHES):
        batch = _remove(before)
        forgotten += batch
        if batch < BATCH:
            break
    return forgotten


@transaction.atomic
def _remove(before: datetime) -> int:
    open_ones = Delivery.objects.open().filter(event=OuterRef("pk"))
    later = Event.objects.filter(
        subject=OuterRef("subject"), sequence__gt=OuterRef("sequence")
    )
    old = Event.objects.filter(~Exists(open_ones), Exists(later))
    keys = list(
        old.filter(occurred_at__lt=before)
        .order_by("occurred_at")
        .values_list("pk", flat=True)[:BATCH]
    )
    Delivery.objects.filter(event__in=keys).delete()
    return Event.objects.filter(pk__in=keys).delete()[0]
