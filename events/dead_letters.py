"""Dead letters of one cause: tried again together, after one of them has arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, Max, Min

from events.consumers import Consumer, find_consumer
from events.deliveries import retry, try_once
from events.models import Delivery
from events.sending import send_one

MOST_GROUPS = 50
_AT_ONCE = 500


@dataclass(frozen=True)
class Group:
    """The dead letters of one consumer with the same kind of error."""

    consumer: str
    error_class: str
    number: int
    since: datetime | None
    error: str


class Outcome(StrEnum):
    """What became of a group."""

    RETRIED = "retried"  # the first one arrived, and all others are tried again
    FAILED = "failed"  # the first one failed again: the others were left alone
    WAITS = "waits"  # an earlier event of its subject has to arrive before
    NOBODY = "nobody"  # the consumer is gone, or there are none any more


_BY_STATE = {
    Delivery.State.DONE: Outcome.RETRIED,
    Delivery.State.DEAD: Outcome.FAILED,
}


def groups() -> list[Group]:
    """Return the dead letters by cause, most first, with the newest error of each."""
    rows = (
        Delivery.objects.dead()
        .order_by()
        .values("consumer", "error_class")
        .annotate(number=Count("pk"), since=Min("ended_at"), newest=Max("pk"))
        .order_by("-number", "consumer", "error_class")[:MOST_GROUPS]
    )
    found = list(rows)
    newest = Delivery.objects.in_bulk([row["newest"] for row in found])
    return [
        Group(
            row["consumer"],
            row["error_class"],
            row["number"],
            row["since"],
            newest[row["newest"]].error if row["newest"] in newest else "",
        )
        for row in found
    ]


def retry_group(
    consumer_name: str, error_class: str, *, is_careful: bool = True
) -> tuple[Outcome, int]:
    """Try the oldest one now, and if it arrives, let all others be tried again.

    Return the outcome, and how many are tried again or have arrived. If the first one
    fails, it is a dead letter again at once. Not ``is_careful``: all of them without a
    first one. Belongs into no transaction: a failure has to be counted.
    """
    consumer = find_consumer(consumer_name)
    letters = Delivery.objects.dead().filter(
        consumer=consumer_name, error_class=error_class
    )
    first = letters.select_related("event").order_by("event_id").first()
    if consumer is None or first is None:
        return Outcome.NOBODY, 0
    arrived = 0
    if is_careful:
        outcome = _try_now(consumer, first)
        if outcome is not Outcome.RETRIED:
            return outcome, 0
        arrived = 1
    return Outcome.RETRIED, arrived + _retry_all(
        list(letters.order_by("event_id").values_list("pk", flat=True))
    )


def _retry_all(keys: Sequence[int]) -> int:
    number = 0
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        number += retry(Delivery.objects.filter(pk__in=part).only("pk"))
    return number


def _try_now(consumer: Consumer, letter: Delivery) -> Outcome:
    # With one attempt left: if that fails, it is a dead letter as before.
    if not retry([letter], attempts=consumer.attempts - 1):
        return Outcome.NOBODY
    fresh = Delivery.objects.select_related("event").get(pk=letter.pk)
    hand_over = send_one if consumer.is_outside else try_once
    outcome = hand_over(consumer, fresh)
    if outcome is None:
        # Another process was faster, or it has to wait.
        fresh.refresh_from_db()
        return _BY_STATE.get(Delivery.State(fresh.state), Outcome.WAITS)
    return Outcome.RETRIED if outcome else Outcome.FAILED
