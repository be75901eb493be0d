"""Consumers: the functions that are to hear of events. Registered at the start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from events.models import Event

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Consumer:
    """A function that hears of the events whose types match one of the patterns.

    ``handle`` runs in the transaction that marks the event as delivered, so what it
    writes to the database is written exactly once; what it does outside must bear
    being done twice, by the event's ``uid``. If it raises, it is tried again after a
    pause that doubles, ``attempts`` times in all; then the delivery is a dead letter.
    With ``in_order`` an event waits for the earlier ones of its subject, even if one
    of these is a dead letter.

    Several events are handed over in one transaction, so none should take long.
    ``handle_all`` takes a whole group at once; if it raises, each of them is given to
    ``handle``. With ``tells_people`` it writes to people or to other systems: a replay
    then asks first whether that is meant.
    """

    name: str
    patterns: tuple[str, ...]
    handle: Callable[[Event], None]
    in_order: bool = False
    attempts: int = 8
    handle_all: Callable[[Sequence[Event]], None] | None = None
    tells_people: bool = False

    def wants(self, event_type: str) -> bool:
        return any(fnmatchcase(event_type, pattern) for pattern in self.patterns)

    def pause(self, attempts: int) -> timedelta:
        """Return how long to wait after so many failed attempts (>= 1)."""
        return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempts - 1, 20)))


_CONSUMERS: dict[str, Consumer] = {}


def register_consumer(consumer: Consumer) -> None:
    """Deliver to this consumer from now on. Twice is once."""
    _CONSUMERS[consumer.name] = consumer


def forget_consumer(name: str) -> None:
    """Deliver nothing more to this consumer; for tests, and for what was removed."""
    _CONSUMERS.pop(name, None)


def find_consumer(name: str) -> Consumer | None:
    return _CONSUMERS.get(name)


def all_consumers() -> list[Consumer]:
    return list(_CONSUMERS.values())
