"""A source and a consumer of the tests' own, over the real tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import pytest

from events import types
from events.consumers import Consumer, forget_consumer, register_consumer
from events.models import CapturedRow, Event
from events.types import COUNT, EventType, Happening, Source

AT = datetime(2030, 1, 31, 9, tzinfo=UTC)
BOILED = EventType("tea.boiled", "water boiled", fields={"litres": COUNT}, version=3)


def read(keys: Sequence[int]) -> Mapping[int, Happening]:
    """Rows of even keys speak of one kettle, odd ones of another; 13 is gone."""
    return {
        key: Happening(
            BOILED.name, f"kettle/{key % 2}", AT, correlation="K", data={"litres": key}
        )
        for key in keys
        if key != 13
    }


@pytest.fixture
def kettles() -> Iterator[None]:
    before = dict(types._SOURCES), dict(types._TYPES)
    types.register_source(Source("kettle", read, (BOILED,)))
    yield
    types._SOURCES.clear()
    types._TYPES.clear()
    types._SOURCES.update(before[0]), types._TYPES.update(before[1])


class Heard(list[int]):
    """Remembers the litres of events; fails on those in ``refused``."""

    def __init__(self) -> None:
        self.refused: set[int] = set()

    def __call__(self, event: Event) -> None:
        litres: int = event.data["litres"]
        if litres in self.refused:
            message = f"too hot: {litres}"
            raise ValueError(message)
        self.append(litres)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def consumer(kettles: None, heard: Heard) -> Iterator[Callable[..., Consumer]]:
    """Register a consumer of kettles with these options."""
    made = []

    def register(name: str = "cook", **options: object) -> Consumer:
        given = {"patterns": ("tea.*",), "handle": heard, "attempts": 2}
        consumer = Consumer(name, **(given | options))  # type: ignore[arg-type]
        register_consumer(consumer)
        made.append(name)
        return consumer

    yield register
    for name in made:
        forget_consumer(name)


def capture(*keys: int, source: str = "kettle") -> None:
    CapturedRow.objects.bulk_create(
        CapturedRow(source=source, row_id=key) for key in keys
    )
