"""Make events of rows of the past, which are delivered to nobody.

Of rows that were written before there was a capture, or whose events were removed by
age.
"""

from collections.abc import Callable, Sequence

from django.db import IntegrityError, transaction

from events.models import CapturedRow, Event
from events.router import identifier, numbered
from events.types import Source

BATCH = 500
# Of a batch that meets a router at work on the same subjects.
_ATTEMPTS = 5


class NoHistory(Exception):
    """The source does not say which rows it has."""

    def __init__(self, source: Source) -> None:
        super().__init__(f"the rows of {source.name} cannot be listed")


def collect(source: Source, on_progress: Callable[[int], None]) -> int:
    """Make the missing events of all rows. Return how many. Twice is once.

    They are numbered behind the known ones of their subjects. ``on_progress`` is told
    how many rows were looked at. Raises NoHistory.
    """
    if source.keys is None:
        raise NoHistory(source)
    made = seen = last = 0
    while keys := source.keys(last, BATCH):
        made += _collect(source, keys)
        seen += len(keys)
        last = keys[-1]
        on_progress(seen)
    return made


def _collect(source: Source, keys: Sequence[int]) -> int:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _made(source, keys)
        except IntegrityError:
            if attempt == _ATTEMPTS:
                raise
    return 0


@transaction.atomic
def _made(source: Source, keys: Sequence[int]) -> int:
    # What is captured becomes an event with deliveries: that is the router's.
    rows = CapturedRow.objects.filter(source=source.name, row_id__in=keys)
    captured = set(rows.values_list("row_id", flat=True))
    found = {
        identifier(source.name, key, what): what
        for key, what in source.read([k for k in keys if k not in captured]).items()
    }
    known = set(Event.objects.filter(uid__in=found).values_list("uid", flat=True))
    new = [(uid, what) for uid, what in found.items() if uid not in known]
    return len(Event.objects.bulk_create(numbered(new)))
