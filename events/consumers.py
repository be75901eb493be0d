"""Consumers: the functions that are to hear of events. Registered at the start."""

from collections.abc import Callable, Iterable, Sequence
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

    An ``is_outside`` one calls another system. Its ``handle`` runs in no transaction
    and in threads of this consumer's own (events.bulkheads), ``threads`` at most in a
    process; ``batch`` events are claimed at once. While it is ``resting`` nothing is
    sent. ``pauses`` replace those that double.
    """

    name: str
    patterns: tuple[str, ...]
    handle: Callable[[Event], None]
    in_order: bool = False
    attempts: int = 8
    handle_all: Callable[[Sequence[Event]], None] | None = None
    tells_people: bool = False
    is_outside: bool = False
    threads: int = 1
    batch: int = 1
    resting: bool = False
    pauses: tuple[timedelta, ...] = ()
    # What staff call it, where that is not the name.
    title: str = ""

    def wants(self, event_type: str) -> bool:
        return matches(event_type, self.patterns)

    def pause(self, attempts: int) -> timedelta:
        """Return how long to wait after so many failed attempts (>= 1)."""
        if self.pauses:
            return self.pauses[min(attempts, len(self.pauses)) - 1]
        return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempts - 1, 20)))


def matches(event_type: str, patterns: Iterable[str]) -> bool:
    """Return whether the type is one of these, such as ``order.placed`` or ``order.*``.

    Capital letters are others than small ones.
    """
    return any(fnmatchcase(event_type, pattern) for pattern in patterns)


_CONSUMERS: dict[str, Consumer] = {}
_PROVIDERS: list[Callable[[], Iterable[Consumer]]] = []
_SILENT: list[Callable[[], Iterable[str]]] = []


def register_consumer(consumer: Consumer) -> None:
    """Deliver to this consumer from now on. Twice is once."""
    _CONSUMERS[consumer.name] = consumer


def forget_consumer(name: str) -> None:
    """Deliver nothing more to this consumer; for tests, and for what was removed."""
    _CONSUMERS.pop(name, None)


def register_provider(provide: Callable[[], Iterable[Consumer]]) -> None:
    """Ask this function for consumers that rows describe. Twice is once."""
    if provide not in _PROVIDERS:
        _PROVIDERS.append(provide)


def register_silent(names: Callable[[], Iterable[str]]) -> None:
    """Ask this function for consumers that are switched off and may be on again.

    What waits for them is kept. Twice is once.
    """
    if names not in _SILENT:
        _SILENT.append(names)


def known_names() -> set[str]:
    """Return the names of all consumers that there are, switched off or not."""
    silent = {name for names in _SILENT for name in names()}
    return {consumer.name for consumer in all_consumers()} | silent


def find_consumer(name: str) -> Consumer | None:
    registered = _CONSUMERS.get(name)
    if registered is not None:
        return registered
    return next((each for each in all_consumers() if each.name == name), None)


def registered_consumers() -> list[Consumer]:
    """Return those of the code, without those that rows describe."""
    return list(_CONSUMERS.values())


def all_consumers() -> list[Consumer]:
    """Return the registered ones, and those of the providers as their rows are now."""
    provided = [consumer for provide in _PROVIDERS for consumer in provide()]
    return [*registered_consumers(), *provided]
