"""Let a process die while it makes events or hands them to consumers.

Sources and consumers are the shop's own, wrapped: the one registered last counts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from django.db import transaction

from events.consumers import Consumer, register_consumer, registered_consumers
from events.models import Event
from events.types import Happening, Source, all_sources, register_source
from orders.models import Order
from tests.chaos.kill_points.trigger import reach

T = TypeVar("T")
ROUTE, DELIVER = "events.route", "events.deliver"


def points() -> list[str]:
    """Return the kill points of the stream, in the order of an event's way."""
    return [
        f"{ROUTE}.before_commit",
        f"{ROUTE}.committed",
        f"{DELIVER}.claimed",
        f"{DELIVER}.before_commit",
        f"{DELIVER}.committed",
    ]


def give_kill_points() -> None:
    for source in all_sources():
        register_source(replace(source, read=_reading(source)))
    for consumer in registered_consumers():
        register_consumer(
            replace(
                consumer,
                handle=_handling(lambda event: [event], consumer.handle),
                handle_all=_handling_all(consumer),
            )
        )


def _reading(source: Source) -> Callable[[Sequence[int]], Mapping[int, Happening]]:
    def read(keys: Sequence[int]) -> Mapping[int, Happening]:
        found = source.read(keys)
        emails = _emails(happening.correlation for happening in found.values())
        # The captured rows are removed, and no event is written yet.
        _around_commit(ROUTE, emails)
        return found

    return read


def _handling_all(
    consumer: Consumer,
) -> Callable[[Sequence[Event]], None] | None:
    if consumer.handle_all is None:
        return None
    return _handling(list, consumer.handle_all)


def _handling(
    events_of: Callable[[T], list[Event]], handle: Callable[[T], None]
) -> Callable[[T], None]:
    def run(given: T) -> None:
        emails = _emails(event.correlation for event in events_of(given))
        for email in emails:
            reach(f"{DELIVER}.claimed", email)
        handle(given)
        _around_commit(DELIVER, emails)

    return run


def _around_commit(name: str, emails: list[str]) -> None:
    for email in emails:
        reach(f"{name}.before_commit", email)

    def committed() -> None:
        for email in emails:
            reach(f"{name}.committed", email)

    transaction.on_commit(committed)


def _emails(numbers: Iterable[str]) -> list[str]:
    rows = Order.objects.filter(number__in=set(numbers))
    return list(rows.values_list("email", flat=True))
